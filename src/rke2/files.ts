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

/**
 * Every file on a node for RKE2, and for the program that holds the API's address. Files with secrets are not among them: the
 * tokens and registries.yaml.
 */
export function nodeFiles(
	stack: Pick<StackConfig, "access" | "cluster" | "network">,
	name: string,
	node: NodeConfig,
): NodeFile[] {
	const role = rke2Role(node);
	return [
		file(paths.config, nodeConfig(stack, name, node)),
		file(paths.resolver, resolverFile(stack.network.nameservers)),
		environmentFile(stack, role),
		...registryAuthorityFiles(stack.cluster.registries),
		...rotationFile(stack.cluster.certificateRotation),
		...(role === "server" ? [...serverFiles(stack), ...addressFiles(stack.cluster.api, name, node)] : []),
	];
}

function rotationFile(rotation: string | undefined): NodeFile[] {
	return rotation === undefined ? [] : [file(paths.certificateRotation, `${rotation}\n`)];
}

function serverFiles({ access: { oidc }, cluster }: Pick<StackConfig, "access" | "cluster">): NodeFile[] {
	return [
		passwordsDropIn(),
		file(paths.auditPolicy, auditPolicy()),
		file(paths.admission, admissionConfiguration()),
		...(oidc ? [file(paths.authentication, authenticationConfiguration(oidc, cluster.version))] : []),
		file(`${paths.manifests}/rke2-canal-config.yaml`, canalManifest(cluster.canal)),
	];
}

/** For the program that moves the API's address between the control planes, in the modes that have one. */
function addressFiles(api: StackConfig["cluster"]["api"], name: string, node: NodeConfig): NodeFile[] {
	switch (api.mode) {
		case "kube-vip":
			return [file(`${paths.manifests}/kube-vip.yaml`, kubeVipManifest(api))];
		case "keepalived":
			return [file(paths.keepalived, keepalivedConfig(api, name, node))];
		default:
			return [];
	}
}

function file(path: string, content: string): NodeFile {
	return { path, mode: "0600", owner: "root:root", content };
}
