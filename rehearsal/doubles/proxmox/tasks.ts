import { setTimeout as sleep } from "node:timers/promises";
import { invalidParameters, messageOf } from "./server/errors.ts";
import type { PendingFaults } from "./server/faults.ts";
import type { Route } from "./server/router.ts";

export interface TaskLog {
	info(line: string): void;
}

interface TaskOptions {
	host: string;
	/** Worker type as Proxmox names it: `qmcreate`, `qmstart`, `download`, `imgdel` ... */
	type: string;
	/** VM id, storage id or file name. */
	id: string;
	/** Token id of the caller. */
	user: string;
	work: (log: TaskLog) => void | Promise<void>;
	/** Called when the task fails, to undo its preparation. */
	onFailure?: () => void | Promise<void>;
}

interface Task {
	upid: string;
	host: string;
	type: string;
	id: string;
	user: string;
	pid: number;
	startTime: number;
	log: string[];
	/** `undefined` while the task runs. */
	exitStatus: string | undefined;
}

/** Milliseconds before a task acts, by type, so that a client sees a running task. */
export type TaskDelays = Partial<Record<string, number>>;

const defaultDelayMs = 100;

export class Tasks {
	readonly #tasks = new Map<string, Task>();
	readonly #running = new Set<Promise<void>>();
	readonly #delays: TaskDelays;
	readonly #faults: PendingFaults;
	#nextPid = 4000;

	constructor(delays: TaskDelays, faults: PendingFaults) {
		this.#delays = delays;
		this.#faults = faults;
	}

	/** Starts a worker and returns its UPID at once. */
	start(options: TaskOptions): string {
		const pid = this.#nextPid++;
		const startTime = Math.floor(Date.now() / 1000);
		const numbers = [pid, pid * 7, startTime].map(hex8).join(":");
		// A colon in the id would make the UPID unreadable.
		const id = options.id.replaceAll(":", "_");
		const upid = `UPID:${options.host}:${numbers}:${options.type}:${id}:${options.user}:`;
		const { host, type, user } = options;
		const task: Task = { upid, host, type, id, user, pid, startTime, log: [], exitStatus: undefined };
		this.#tasks.set(upid, task);
		const run = this.#run(task, options).finally(() => this.#running.delete(run));
		this.#running.add(run);
		return upid;
	}

	get(upid: string): Task {
		return this.#tasks.get(upid) ?? invalidParameters({ upid: "no such task" });
	}

	running(): string[] {
		return [...this.#tasks.values()].filter((task) => task.exitStatus === undefined).map((task) => task.upid);
	}

	/** Resolves when no task runs. */
	async ended(): Promise<void> {
		while (this.#running.size > 0) {
			await Promise.all(this.#running);
		}
	}

	async #run(task: Task, options: TaskOptions): Promise<void> {
		const log: TaskLog = { info: (line) => void task.log.push(line) };
		const fault = this.#faults.forTask(options.type, options.id);
		await sleep(this.#delays[options.type] ?? defaultDelayMs);
		try {
			if (fault !== undefined) {
				throw new Error(fault.message);
			}
			await options.work(log);
			task.log.push("TASK OK");
			task.exitStatus = "OK";
		} catch (error) {
			await options.onFailure?.();
			task.log.push(`TASK ERROR: ${messageOf(error)}`);
			task.exitStatus = messageOf(error);
		}
	}
}

/** `/nodes/{node}/tasks`, which clients poll. Tasks of other users need Sys.Audit on the host. */
export function taskRoutes(tasks: Tasks): Route[] {
	return [
		{
			method: "GET",
			path: "/nodes/{node}/tasks/{upid}/status",
			handle({ access, parameters }) {
				const task = tasks.get(parameters.required("upid"));
				if (task.user !== access.user) {
					access.require(`/nodes/${task.host}`, "Sys.Audit");
				}
				const [user, tokenId] = task.user.split("!");
				return {
					upid: task.upid,
					node: task.host,
					pid: task.pid,
					pstart: task.pid * 7,
					starttime: task.startTime,
					type: task.type,
					id: task.id,
					user,
					tokenid: tokenId,
					status: task.exitStatus === undefined ? "running" : "stopped",
					exitstatus: task.exitStatus,
				};
			},
		},
		{
			method: "GET",
			path: "/nodes/{node}/tasks/{upid}/log",
			handle({ access, parameters }) {
				const task = tasks.get(parameters.required("upid"));
				if (task.user !== access.user) {
					access.require(`/nodes/${task.host}`, "Sys.Audit");
				}
				const start = Number(parameters.optional("start") ?? 0);
				const limit = Number(parameters.optional("limit") ?? 50);
				return task.log.map((text, index) => ({ n: index + 1, t: text })).slice(start, start + limit);
			},
		},
	];
}

function hex8(value: number): string {
	return value.toString(16).toUpperCase().padStart(8, "0");
}
