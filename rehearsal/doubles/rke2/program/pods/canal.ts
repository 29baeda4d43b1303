import { existsSync } from "node:fs";
import { join } from "node:path";
import type { KubeClient } from "../kube/client.ts";
import { writeFileAtomically } from "../process/files.ts";
import type { Host } from "./host.ts";
import { joinOverlay } from "./overlay.ts";
import type { Pod } from "./pod.ts";

/** Name of the network in Canal's configuration. */
const networkName = "k8s-pod-network";

/** Connects the node with the other nodes, and writes the files that Canal writes. */
export async function actForCanal(_: Pod, api: KubeClient, host: Host): Promise<void> {
	writeFiles(host);
	await joinOverlay(api, host.node);
}

/**
 * Writes the files of Canal and of the IPAM plugin with their modes, for checks of a node's files. No CNI plugin reads them
 * here.
 */
function writeFiles({ cni }: Host): void {
	const network = join(cni.networks, networkName);
	const lock = join(network, "lock");
	if (existsSync(lock)) {
		return;
	}
	const configuration = { name: networkName, cniVersion: "0.3.1", plugins: [] };
	writeFileAtomically(join(cni.configuration, "10-canal.conflist"), `${JSON.stringify(configuration)}\n`, 0o600);
	writeFileAtomically(join(network, "last_reserved_ip.0"), "10.42.0.2", 0o600);
	writeFileAtomically(lock, "", 0o750);
}
