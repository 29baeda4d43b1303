/** Workload namespaces must not be those that the platform or Kubernetes owns. */
import type { Problem } from "../problems.ts";
import type { StackConfig } from "../schema.ts";

const platformNamespaces = ["traefik", "cert-manager", "metallb-system", "gpu-operator"];

export function checkNamespaces({ platform }: StackConfig): Problem[] {
	return Object.keys(platform.namespaces)
		.filter((name) => platformNamespaces.includes(name) || name === "default" || name.startsWith("kube-"))
		.map((name) => ({
			key: `platform.namespaces.${name}`,
			message: "belongs to the platform or to Kubernetes; a workload needs a namespace of its own.",
		}));
}
