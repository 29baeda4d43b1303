import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Paths } from "../paths.ts";
import { readIfPresent, writeFileAtomically } from "../process/files.ts";
import { log } from "../process/log.ts";
import type { ContainerSettings } from "./settings.ts";

// A container that ended is started again at once, then after 10 s, 20 s and so on to 5 min; after 10 min without an end
// from the beginning (kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy).
const FIRST_DELAY = 10_000;
const LAST_DELAY = 300_000;
const FORGOTTEN_AFTER = 600_000;
/** Milliseconds from TERM to KILL: terminationGracePeriodSeconds of a pod that does not say. */
const GRACE = 30_000;

interface Running {
	/** UID of the pod. */
	pod: string;
	pid: number;
}

interface Container {
	/** UID of the pod whose container runs, or has run last. */
	pod(): string | undefined;
	/** Whether it has to be started for that pod now: it does not run, and its back-off is over. */
	mayStart(pod: string): boolean;
	start(pod: string, settings: ContainerSettings): void;
	/** Ends it as the kubelet does, and returns once it has ended. */
	stop(): Promise<void>;
}

/** The container of kube-vip on this machine, one at a time, which a later process of the double finds again. */
export function kubeVipContainer(paths: Paths): Container {
	const file = join(paths.agentState, "kube-vip.json");
	const logFile = join(paths.agentLogs, "kube-vip.log");
	let startedAt = 0;
	let delay = 0;
	const known = (): Running | undefined => {
		const text = readIfPresent(file);
		return text === undefined ? undefined : JSON.parse(text);
	};
	return {
		pod: () => known()?.pod,
		mayStart: (pod) => {
			const last = known();
			if (last?.pod !== pod) {
				delay = 0;
				return true;
			}
			if (runs(last.pid) || Date.now() < startedAt + delay) {
				return false;
			}
			const isNew = delay === 0 || Date.now() - startedAt > FORGOTTEN_AFTER;
			delay = isNew ? FIRST_DELAY : Math.min(delay * 2, LAST_DELAY);
			return true;
		},
		start: (pod, settings) => {
			mkdirSync(paths.agentLogs, { recursive: true, mode: 0o700 });
			const output = openSync(logFile, "a", 0o600);
			const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, "kube-vip"], {
				detached: true,
				stdio: ["pipe", output, output],
				env: { ...process.env, NOTIFY_SOCKET: undefined },
			});
			closeSync(output);
			child.unref();
			child.stdin?.end(JSON.stringify(settings));
			startedAt = Date.now();
			writeFileAtomically(file, JSON.stringify({ pod, pid: child.pid } satisfies Partial<Running>), 0o600);
			log.info(`kube-vip: its container was started; it logs to ${logFile}`);
		},
		stop: async () => {
			const { pid } = known() ?? {};
			const end = Date.now() + GRACE;
			if (pid !== undefined && runs(pid)) {
				process.kill(pid, "SIGTERM");
				while (runs(pid) && Date.now() < end) {
					await sleep(100);
				}
				if (runs(pid)) {
					process.kill(pid, "SIGKILL");
				}
			}
			rmSync(file, { force: true });
		},
	};
}

/** Whether the process is such a container still: after a boot the number may be another's. */
function runs(pid: number): boolean {
	try {
		return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes("kube-vip");
	} catch {
		return false;
	}
}
