import { existsSync } from "node:fs";
import { join } from "node:path";
import type { KubeClient } from "../kube/client.ts";
import { writeFileAtomically } from "../process/files.ts";
import type { Host } from "./host.ts";
import { joinOverlay } from "./overlay.ts";
import type { Pod } from "./pod.ts";

/** Of the network, in Canal's configuration. */
const NAME = "k8s-pod-network";

/** Connects the node with the others, and leaves what Canal leaves. */
export async function actForCanal(_: Pod, api: KubeClient, host: Host): Promise<void> {
	leaveFiles(host);
	await joinOverlay(api, host.node);
}

/**
 * Leaves on the machine what Canal and the plugin that hands out addresses leave there, with their modes: who checks the
 * files of a node finds them. No plugin reads them here.
 */
function leaveFiles({ cni }: Host): void {
	const network = join(cni.networks, NAME);
	const lock = join(network, "lock");
	if (existsSync(lock)) {
		return;
	}
	const configuration = { name: NAME, cniVersion: "0.3.1", plugins: [] };
	writeFileAtomically(join(cni.configuration, "10-canal.conflist"), `${JSON.stringify(configuration)}\n`, 0o600);
	writeFileAtomically(join(network, "last_reserved_ip.0"), "10.42.0.2", 0o600);
	writeFileAtomically(lock, "", 0o750);
}
