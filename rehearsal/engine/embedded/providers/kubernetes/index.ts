import type { AnyResourceType } from "../../resource-type.ts";
import { kubernetesProvider } from "./cluster.ts";
import { kubernetesObject } from "./object.ts";
import { helmRelease } from "./release.ts";

/** Kinds whose creation the plugin waits for by rules of their own, which the host does not have. */
const AWAITED = new Set([
	"DaemonSet",
	"Deployment",
	"Ingress",
	"PersistentVolumeClaim",
	"Pod",
	"ReplicationController",
	"StatefulSet",
]);

/** `undefined` for a kind that the host does not know. */
export function kubernetesType(token: string): AnyResourceType | undefined {
	if (token === "pulumi:providers:kubernetes") {
		return kubernetesProvider;
	}
	if (token === "kubernetes:helm.sh/v3:Release") {
		return helmRelease;
	}
	const [, group, kind] = /^kubernetes:([^:]+\/v[^:/]+):(\w+)$/.exec(token) ?? [];
	if (!group || !kind || group.startsWith("helm.sh") || group.startsWith("yaml") || group.startsWith("kustomize")) {
		return undefined;
	}
	const patch = kind.endsWith("Patch");
	if (kind.endsWith("List") || (!patch && AWAITED.has(kind))) {
		return undefined;
	}
	return kubernetesObject(kind, patch);
}
