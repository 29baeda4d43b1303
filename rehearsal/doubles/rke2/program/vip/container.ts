import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Paths } from "../paths.ts";
import { readIfPresent, writeFileAtomically } from "../process/files.ts";
import { log } from "../process/log.ts";
import type { ContainerSettings } from "./settings.ts";

// The kubelet restarts a container at once, then after 10 s, 20 s and so on up to 5 min. After 10 min without an end the
// delays start again (kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy).
const firstDelay = 10_000;
const lastDelay = 300_000;
const forgottenAfter = 600_000;
/** Milliseconds from SIGTERM to SIGKILL: the default of terminationGracePeriodSeconds. */
const graceMs = 30_000;

interface Running {
	/** UID of the pod. */
	pod: string;
	pid: number;
}

interface Container {
	/** UID of the pod whose container runs, or ran last. */
	pod(): string | undefined;
	/** Whether the container of the pod does not run and its back-off is over. */
	mayStart(pod: string): boolean;
	start(pod: string, settings: ContainerSettings): void;
	/** Ends the container as the kubelet does, and resolves after its end. */
	stop(): Promise<void>;
}

/** The one container of kube-vip on this machine. A later process of the double finds it again. */
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
			const isNew = delay === 0 || Date.now() - startedAt > forgottenAfter;
			delay = isNew ? firstDelay : Math.min(delay * 2, lastDelay);
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
			log.info(`kube-vip: the container was started; its log is ${logFile}`);
		},
		stop: async () => {
			const { pid } = known() ?? {};
			const end = Date.now() + graceMs;
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

/** Whether the process is still the container. After a boot another process may have its id. */
function runs(pid: number): boolean {
	try {
		return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes("kube-vip");
	} catch {
		return false;
	}
}
