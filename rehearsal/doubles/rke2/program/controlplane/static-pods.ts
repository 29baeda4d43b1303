import { join } from "node:path";
import { stringify } from "yaml";
import type { Paths } from "../paths.ts";
import { writeFileAtomically } from "../process/files.ts";

/**
 * Writes the manifest that RKE2 would give its kubelet for a component. Nothing here reads it: the component runs as a
 * process of the same arguments. It is there for whoever inspects a node, and its mode and owner are CIS controls 1.1.1
 * to 1.1.8.
 */
export function writeStaticPod(paths: Paths, name: string, version: string, args: string[]): void {
	const image = `rancher/hardened-${name === "etcd" ? "etcd" : "kubernetes"}:${version.replace("+", "-")}`;
	const pod = {
		apiVersion: "v1",
		kind: "Pod",
		metadata: { name, namespace: "kube-system", labels: { component: name, tier: "control-plane" } },
		spec: {
			containers: [{ name, image, command: [name], args }],
			hostNetwork: true,
			priorityClassName: "system-cluster-critical",
		},
	};
	writeFileAtomically(join(paths.podManifests, `${name}.yaml`), stringify(pod), 0o600);
}
