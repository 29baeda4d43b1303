import { join } from "node:path";
import type { NodeSettings } from "../config/settings.ts";
import type { Paths } from "../paths.ts";
import { type Child, superviseChild } from "../process/child.ts";

const STAGES = join(import.meta.dirname, "kwok-stages.yaml");

/**
 * Runs kwok for this machine's Node alone, with the kubelet's own credentials: it plays the container runtime, so that
 * pods bound here become ready, jobs complete and deleted pods go.
 */
export function runKwok(paths: Paths, settings: NodeSettings): Child {
	return superviseChild({
		name: "kwok",
		command: join(paths.binaries, "kwok"),
		args: [
			`--config=${STAGES}`,
			`--kubeconfig=${join(paths.agent, "kubelet.kubeconfig")}`,
			`--manage-single-node=${settings.nodeName}`,
			`--node-name=${settings.nodeName}`,
			`--node-ip=${settings.nodeIp}`,
			"--node-lease-duration-seconds=0",
		],
		logFile: join(paths.agentLogs, "kubelet.log"),
	});
}
