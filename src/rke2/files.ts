import type { NodeConfig, StackConfig } from "../config/schema/stack.ts";
import { admissionConfiguration } from "./admission.ts";
import { auditPolicy } from "./audit-policy.ts";
import { authenticationConfiguration } from "./authentication.ts";
import type { NodeFile } from "./bundle.ts";
import { canalManifest } from "./canal.ts";
import { nodeConfig } from "./config.ts";
import { keepalivedConfig } from "./keepalived.ts";
import { kubeVipManifest } from "./kube-vip.ts";
import { passwordsDropIn } from "./passwords.ts";
import { paths } from "./paths.ts";
import { environmentFile } from "./proxy.ts";
import { registryAuthorityFiles } from "./registries.ts";
import { resolverFile } from "./resolver.ts";
import { rke2Role } from "./role.ts";

/** Every file that RKE2, or what holds the API's address, reads on a node, but for those that hold secrets: the tokens and registries.yaml. */
export function nodeFiles(stack: StackConfig, name: string, node: NodeConfig): NodeFile[] {
	const role = rke2Role(node);
	return [
		file(paths.config, nodeConfig(stack, name, node)),
		file(paths.resolver, resolverFile(stack)),
		environmentFile(stack, role),
		...registryAuthorityFiles(stack.cluster.registries),
		...(role === "server" ? [...serverFiles(stack), ...addressFiles(stack, name, node)] : []),
	];
}

function serverFiles(stack: StackConfig): NodeFile[] {
	const { oidc } = stack.access;
	return [
		passwordsDropIn(),
		file(paths.auditPolicy, auditPolicy()),
		file(paths.admission, admissionConfiguration()),
		...(oidc ? [file(paths.authentication, authenticationConfiguration(oidc, stack.cluster.version))] : []),
		file(`${paths.manifests}/rke2-canal-config.yaml`, canalManifest(stack)),
	];
}

/** What moves the API's address between the control planes, where it moves. */
function addressFiles(stack: StackConfig, name: string, node: NodeConfig): NodeFile[] {
	switch (stack.cluster.api.mode) {
		case "kube-vip":
			return [file(`${paths.manifests}/kube-vip.yaml`, kubeVipManifest(stack))];
		case "keepalived":
			return [file(paths.keepalived, keepalivedConfig(stack, name, node))];
		default:
			return [];
	}
}

function file(path: string, content: string): NodeFile {
	return { path, mode: "0600", owner: "root:root", content };
}
