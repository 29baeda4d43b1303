import { join } from "node:path";
import { stringify } from "yaml";
import type { Paths } from "../paths.ts";
import { writeFileAtomically } from "../process/files.ts";

/**
 * Writes the manifest that RKE2 gives its kubelet for a component. The double does not read it: the component runs as a
 * process with the same arguments. The file exists for checks of a node: CIS controls 1.1.1 to 1.1.8 are about its mode
 * and owner.
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
