import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { release, totalmem } from "node:os";
import type { NodeSettings } from "../config/settings.ts";
import { type KubeClient, KubeError, type KubeObject } from "../kube/client.ts";
import type { Paths } from "../paths.ts";
import { readIfPresent } from "../process/files.ts";
import { every } from "../process/retry.ts";
import { nodeLabels, nodeTaints } from "./labels.ts";

// Values of the kubelet: a lease of 40 s, renewed every 10 s.
const leaseSeconds = 40;
const renewInterval = 10_000;

interface NodeObject extends KubeObject {
	spec?: { podCIDR?: string };
}

/**
 * Registers the Node object as a kubelet does. Labels and taints take effect at the first registration only. Addresses
 * and versions are written every time. The user of `kube` is `system:node:<name>`, so that the API server's
 * NodeRestriction checks every label.
 */
export async function registerNode(
	kube: KubeClient,
	settings: NodeSettings,
	paths: Paths,
	version: string,
): Promise<void> {
	const labels = {
		"kubernetes.io/hostname": settings.nodeName,
		"kubernetes.io/os": "linux",
		"kubernetes.io/arch": architecture(),
		"beta.kubernetes.io/os": "linux",
		"beta.kubernetes.io/arch": architecture(),
		"node.kubernetes.io/instance-type": "rke2",
		"beta.kubernetes.io/instance-type": "rke2",
		...nodeLabels(settings.labels),
	};
	const taints = nodeTaints(settings.taints);
	const node = {
		apiVersion: "v1",
		kind: "Node",
		metadata: {
			name: settings.nodeName,
			labels,
			annotations: { "rke2.io/internal-ip": settings.nodeIp, "rke2.io/hostname": settings.nodeName },
		},
		spec: { providerID: `rke2://${settings.nodeName}`, ...(taints.length > 0 ? { taints } : {}) },
	};
	await kube.createIfAbsent("/api/v1/nodes", node);
	await kube.patch(`/api/v1/nodes/${settings.nodeName}/status`, { status: nodeStatus(settings, paths, version) });
}

/** Resolves with the Node once the controller manager has given it a pod network. */
export async function nodeWithPodNetwork(kube: KubeClient, name: string): Promise<NodeObject> {
	const node = await kube.get<NodeObject>(`/api/v1/nodes/${name}`);
	if (node.spec?.podCIDR === undefined) {
		throw new Error("the controller manager has not allocated a pod CIDR yet");
	}
	return node;
}

/**
 * Renews the node's lease, which the node controller watches, until the signal aborts. kwok cannot do it: it takes over a
 * lease only after it has expired, so that the node would become NotReady at every restart of the unit.
 */
export function renewNodeLease(kube: KubeClient, node: KubeObject, signal: AbortSignal): void {
	const collection = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
	const { name, uid } = node.metadata;
	every(renewInterval, signal, "renewing the node lease", async () => {
		const spec = {
			holderIdentity: name,
			leaseDurationSeconds: leaseSeconds,
			renewTime: new Date().toISOString().replace("Z", "000Z"),
		};
		try {
			await kube.patch(`${collection}/${name}`, { spec });
		} catch (error) {
			if (!(error instanceof KubeError && error.status === 404)) {
				throw error;
			}
			const ownerReferences = [{ apiVersion: "v1", kind: "Node", name, uid }];
			await kube.create(collection, {
				apiVersion: "coordination.k8s.io/v1",
				kind: "Lease",
				metadata: { name, ownerReferences },
				spec,
			});
		}
	});
}

function nodeStatus(settings: NodeSettings, paths: Paths, version: string): object {
	// k8s.io/kubernetes, pkg/kubelet/cadvisor/util.go: the file system is that of the kubelet's directory, here the root.
	const bytes = Number(
		execFileSync("df", ["--output=size", "--block-size=1", "/"], { encoding: "utf8" }).split("\n")[1],
	);
	const resources = {
		cpu: String(readFileSync("/proc/cpuinfo", "utf8").match(/^processor/gm)?.length ?? 1),
		memory: `${Math.floor(totalmem() / 1024)}Ki`,
		pods: "110",
		"ephemeral-storage": `${Math.floor(bytes / 1024)}Ki`,
	};
	const osRelease = readIfPresent(paths.osRelease) ?? "";
	return {
		addresses: [
			{ type: "InternalIP", address: settings.nodeIp },
			{ type: "Hostname", address: settings.nodeName },
		],
		capacity: resources,
		allocatable: resources,
		nodeInfo: {
			architecture: architecture(),
			bootID: readIfPresent("/proc/sys/kernel/random/boot_id")?.trim() ?? "",
			containerRuntimeVersion: "containerd://2.2.6-k3s1",
			kernelVersion: release(),
			kubeProxyVersion: "",
			kubeletVersion: version,
			machineID: "",
			operatingSystem: "linux",
			osImage: /^PRETTY_NAME="?([^"\n]+)/m.exec(osRelease)?.[1] ?? "Linux",
			systemUUID: "",
		},
	};
}

function architecture(): string {
	return process.arch === "x64" ? "amd64" : process.arch;
}
