import { addDeployment } from "../../lib/examples/objects.ts";
import { partOf } from "../../lib/kubernetes/objects.ts";
import { podOf } from "../../lib/kubernetes/pods.ts";
import type { ObjectRule } from "../../lib/rules/rule.ts";
import { podsAndVolumes } from "../../lib/rules/subjects.ts";

/** The mount point of the nodes' data disks. A local volume elsewhere is a path of the system. */
const dataDisks = "/mnt/";

const volumeShape = { hostPath: { path: "string" }, local: { path: "string" } } as const;

/** A path of the node can hold the kubelet's credentials, the sockets of the runtime and other pods' volumes. */
export const kubernetesHostPaths: ObjectRule = {
	name: "kubernetes-host-paths",
	description: "No pod mounts a path of its node, by itself or by a PersistentVolume.",
	severity: "high",
	controls: ["5.2.11"],
	frameworks: { cisControls: ["3.3", "4.1"], iso27001: ["A.8.2", "A.8.3"], nist80053: ["AC-3", "AC-6"] },
	remediation: "Use a persistent volume, an emptyDir or a projected volume.",
	url: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
	subject: podsAndVolumes,
	examples: [
		{
			change: "a pod that mounts the runtime's socket",
			apply: addDeployment(
				{},
				{ volumes: [{ name: "socket", hostPath: { path: "/run/k3s/containerd/containerd.sock" } }] },
			),
			sentence:
				"Deployment monitoring/app mounts /run/k3s/containerd/containerd.sock of its node as socket; use another kind of volume.",
		},
	],

	checkObject(object, report) {
		for (const { name, hostPath } of podOf(object)?.volumes ?? []) {
			if (hostPath) {
				report(`${object.subject} mounts ${hostPath.path} of its node as ${name}; use another kind of volume.`);
			}
		}
		if (object.apiVersion !== "v1" || object.kind !== "PersistentVolume") {
			return;
		}
		const { hostPath, local } = partOf(object, ["spec"], volumeShape) ?? {};
		if (hostPath) {
			report(`${object.subject} is ${hostPath.path} of a node; use another kind of volume.`);
		}
		if (local && !local.path?.startsWith(dataDisks)) {
			report(`${object.subject} is ${local.path ?? "some path"} of a node; a local volume belongs below ${dataDisks}.`);
		}
	},
};
