import type { NodeConfig, StackConfig } from "../config/schema.ts";
import { admissionConfiguration } from "./admission.ts";
import { auditPolicy } from "./audit-policy.ts";
import type { NodeFile } from "./bundle.ts";
import { canalManifest } from "./canal.ts";
import { nodeConfig } from "./config.ts";
import { kubeVipManifest } from "./kube-vip.ts";
import { paths } from "./paths.ts";
import { rke2Role } from "./role.ts";

/** Every file that RKE2 reads on a node, but for the token. */
export function nodeFiles(stack: StackConfig, name: string, node: NodeConfig): NodeFile[] {
	const config = file(paths.config, nodeConfig(stack, name, node));
	return rke2Role(node) === "server" ? [config, ...serverFiles(stack)] : [config];
}

function serverFiles(stack: StackConfig): NodeFile[] {
	return [
		file(paths.auditPolicy, auditPolicy()),
		file(paths.admission, admissionConfiguration()),
		file(`${paths.manifests}/rke2-canal-config.yaml`, canalManifest(stack)),
		file(`${paths.manifests}/kube-vip.yaml`, kubeVipManifest(stack)),
	];
}

function file(path: string, content: string): NodeFile {
	return { path, mode: "0600", owner: "root:root", content };
}
