import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { log } from "./log.ts";

interface ChildOptions {
	name: string;
	command: string;
	args: string[];
	/** Standard output and error are appended here. */
	logFile: string;
	/** Runs as this user, with the one capability that reads root's key files. A pod would have them in a mounted volume. */
	user?: { uid: number; gid: number };
}

export interface Child {
	/** Ends the program and starts it again at once. */
	restart(): Promise<void>;
	/** Ends the program with SIGTERM, and with SIGKILL after ten seconds. */
	stop(): Promise<void>;
}

// A program that fails again is restarted later each time, as the kubelet does with a static pod.
const firstRestartDelay = 1_000;
const lastRestartDelay = 30_000;
const healthyAfter = 60_000;
const stopGraceMs = 10_000;

/**
 * Keeps a program running until it is stopped. setpriv makes the kernel kill the program when its parent dies. Otherwise a
 * killed parent would leave processes that hold its ports, because KillMode=process does not kill children.
 */
export function superviseChild(options: ChildOptions): Child {
	let current: ChildProcess | undefined;
	let stopping = false;
	let restartTimer: NodeJS.Timeout | undefined;
	let delay = firstRestartDelay;
	mkdirSync(dirname(options.logFile), { recursive: true, mode: 0o700 });

	const start = () => {
		const output = openSync(options.logFile, "a", 0o600);
		const privileges = options.user
			? [
					`--reuid=${options.user.uid}`,
					`--regid=${options.user.gid}`,
					"--clear-groups",
					"--inh-caps=+dac_read_search",
					"--ambient-caps=+dac_read_search",
				]
			: [];
		const child = spawn("setpriv", ["--pdeathsig=KILL", ...privileges, "--", options.command, ...options.args], {
			stdio: ["ignore", output, output],
			// Without this, etcd and kube-apiserver would report the unit as ready.
			env: { ...process.env, NOTIFY_SOCKET: undefined },
		});
		closeSync(output);
		current = child;
		const startedAt = Date.now();
		const ended = (how: string) => {
			current = undefined;
			if (stopping) {
				return;
			}
			log.error(
				`${options.name} ended (${how}), restarting it; ${options.logFile} ends in: ${lastLine(options.logFile)}`,
			);
			if (Date.now() - startedAt > healthyAfter) {
				delay = firstRestartDelay;
			}
			restartTimer = setTimeout(start, delay);
			delay = Math.min(delay * 2, lastRestartDelay);
		};
		child.once("error", (error) => ended(error.message));
		child.once("exit", (code, signal) => ended(signal ?? `exit code ${code}`));
	};
	start();

	const end = async () => {
		stopping = true;
		clearTimeout(restartTimer);
		const child = current;
		if (child === undefined) {
			return;
		}
		await new Promise<void>((resolve) => {
			const killer = setTimeout(() => child.kill("SIGKILL"), stopGraceMs);
			child.once("exit", () => {
				clearTimeout(killer);
				resolve();
			});
			child.kill("SIGTERM");
		});
	};
	return {
		stop: end,
		restart: async () => {
			await end();
			stopping = false;
			start();
		},
	};
}

function lastLine(file: string): string {
	return readFileSync(file, "utf8").trimEnd().split("\n").at(-1) ?? "";
}
