/** Trouble on demand: what a real datacenter does to a program on a bad day. */

interface RequestMatch {
	method?: string;
	/** Tested against the decoded path without `/api2/json`. */
	path: RegExp;
}

export interface ReplyFault extends RequestMatch {
	/** 401 for a token gone bad, 595 for a host that its peers cannot reach, 500 for anything else. */
	status: number;
	message: string;
	/** How often; default once. */
	times?: number;
}

export interface TaskFault {
	/** `qmcreate`, `qmstart`, `download` ... */
	type: string;
	/** VM id or file name; default any. */
	id?: string;
	/** Becomes the exit status of the task, which then has no effect. */
	message: string;
	times?: number;
}

export interface Faults {
	/** Answers matching requests with an error instead of serving them. */
	reply(fault: ReplyFault): void;
	/** Closes the connection of matching requests without an answer. */
	disconnect(match: RequestMatch & { times?: number }): void;
	failTask(fault: TaskFault): void;
	/** Locks a VM as a backup does, until the faults are cleared. */
	lock(vmId: number): void;
	/** Forgets the faults that have not struck yet, and releases what is locked. */
	clear(): void;
}

interface Counted<T> {
	fault: T;
	left: number;
}

/** The faults that wait for their request or task. */
export class PendingFaults {
	#requests: Counted<ReplyFault | RequestMatch>[] = [];
	#tasks: Counted<TaskFault>[] = [];

	addRequest(fault: (ReplyFault | RequestMatch) & { times?: number }): void {
		this.#requests.push({ fault, left: fault.times ?? 1 });
	}

	addTask(fault: TaskFault): void {
		this.#tasks.push({ fault, left: fault.times ?? 1 });
	}

	clear(): void {
		this.#requests = [];
		this.#tasks = [];
	}

	forRequest(method: string, path: string): ReplyFault | RequestMatch | undefined {
		return strike(
			this.#requests,
			(fault) => (fault.method === undefined || fault.method === method) && fault.path.test(path),
		);
	}

	forTask(type: string, id: string): TaskFault | undefined {
		return strike(this.#tasks, (fault) => fault.type === type && (fault.id === undefined || fault.id === id));
	}
}

function strike<T>(faults: Counted<T>[], matches: (fault: T) => boolean): T | undefined {
	const hit = faults.find(({ fault, left }) => left > 0 && matches(fault));
	if (hit === undefined) {
		return undefined;
	}
	hit.left -= 1;
	return hit.fault;
}
