import { join } from "node:path";
import type { NodeSettings } from "../config/settings.ts";
import type { Paths } from "../paths.ts";
import { type Child, superviseChild } from "../process/child.ts";

const stagesFile = join(import.meta.dirname, "kwok-stages.yaml");

/**
 * Runs kwok for this machine's Node only, with the kubelet's credentials. kwok imitates the container runtime: pods of this
 * node become ready, pods of Jobs complete, and deleted pods are removed.
 */
export function runKwok(paths: Paths, settings: NodeSettings): Child {
	return superviseChild({
		name: "kwok",
		command: join(paths.binaries, "kwok"),
		args: [
			`--config=${stagesFile}`,
			`--kubeconfig=${join(paths.agent, "kubelet.kubeconfig")}`,
			`--manage-single-node=${settings.nodeName}`,
			`--node-name=${settings.nodeName}`,
			`--node-ip=${settings.nodeIp}`,
			"--node-lease-duration-seconds=0",
		],
		logFile: join(paths.agentLogs, "kubelet.log"),
	});
}
