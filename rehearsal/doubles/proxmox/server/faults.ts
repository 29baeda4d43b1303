/** Faults on request, such as a real datacenter has. */

interface RequestMatch {
	method?: string;
	/** Matches the decoded path without `/api2/json`. */
	path: RegExp;
}

export interface ReplyFault extends RequestMatch {
	/** 401 for an invalid token, 595 for a host that the other hosts cannot reach, 500 for other errors. */
	status: number;
	message: string;
	/** Number of requests. Default: 1. */
	times?: number;
}

export interface TaskFault {
	/** `qmcreate`, `qmstart`, `download` ... */
	type: string;
	/** VM id or file name. Default: any. */
	id?: string;
	/** Exit status of the failed task. The task has no effect. */
	message: string;
	times?: number;
}

export interface Faults {
	/** Answers matching requests with an error. */
	reply(fault: ReplyFault): void;
	/** Closes the connection of matching requests without an answer. */
	disconnect(match: RequestMatch & { times?: number }): void;
	failTask(fault: TaskFault): void;
	/** Locks a VM as a backup does, until `clear`. */
	lock(vmId: number): void;
	/** Removes the faults that have not happened yet, and releases the locks. */
	clear(): void;
}

interface Counted<T> {
	fault: T;
	left: number;
}

/** Faults that wait for a matching request or task. */
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
		return take(
			this.#requests,
			(fault) => (fault.method === undefined || fault.method === method) && fault.path.test(path),
		);
	}

	forTask(type: string, id: string): TaskFault | undefined {
		return take(this.#tasks, (fault) => fault.type === type && (fault.id === undefined || fault.id === id));
	}
}

function take<T>(faults: Counted<T>[], matches: (fault: T) => boolean): T | undefined {
	const hit = faults.find(({ fault, left }) => left > 0 && matches(fault));
	if (hit === undefined) {
		return undefined;
	}
	hit.left -= 1;
	return hit.fault;
}
