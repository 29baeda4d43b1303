/** Every resource type that the embedded host knows. */
import type { AnyResourceType, ResourceTypes } from "../resource-type.ts";
import { command } from "./command/index.ts";
import { kubernetesType } from "./kubernetes/index.ts";
import { proxmoxve } from "./proxmoxve/index.ts";
import { component } from "./pulumi.ts";
import { tls } from "./tls.ts";

const types: ResourceTypes = { ...command, ...proxmoxve, ...tls };

/** Throws one sentence for a type that the host does not know. */
export function resourceType(token: string, custom: boolean): AnyResourceType {
	if (!custom) {
		return component;
	}
	const found = types[token] ?? kubernetesType(token);
	if (!found) {
		throw new Error(
			`The resource type ${token} is not supported by the embedded host; it knows ${Object.keys(types).join(", ")}, plain Kubernetes objects and helm.v3.Release.`,
		);
	}
	return found;
}
