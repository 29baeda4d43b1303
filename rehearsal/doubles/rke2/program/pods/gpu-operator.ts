import { createHash } from "node:crypto";
import type { KubeClient, KubeObject } from "../kube/client.ts";
import { log } from "../process/log.ts";
import { vendorLabel } from "./node-feature-discovery.ts";
import { defaultConfigVariable, devicePluginName, nvidiaVendor } from "./nvidia.ts";
import type { Pod } from "./pod.ts";

const presentLabel = "nvidia.com/gpu.present";
const deployLabel = "nvidia.com/gpu.deploy.device-plugin";
/** Annotation with a digest, by which the operator sees whether the DaemonSet is still the one it wants. */
const appliedHash = "nvidia.com/last-applied-hash";

interface ClusterPolicy extends KubeObject {
	spec: {
		/** `config`: a ConfigMap in the operator's namespace, and its key for nodes without a label. Without it each pod gets a GPU. */
		devicePlugin?: { enabled?: boolean; config?: { name?: string; default?: string } };
		daemonsets?: { tolerations?: object[] };
	};
}

/**
 * Applies the part of the ClusterPolicy that is visible in the cluster: labels the nodes on which node feature discovery
 * found a GPU, and runs the device plugin there. Driver, toolkit and validators are left out.
 */
export async function actForGpuOperator({ metadata }: Pod, api: KubeClient): Promise<void> {
	const { items } = await api.get<{ items: ClusterPolicy[] }>("/apis/nvidia.com/v1/clusterpolicies");
	const [policy] = items;
	if (!policy) {
		return;
	}
	await labelNodes(api);
	if (policy.spec.devicePlugin?.enabled !== false) {
		await runDevicePlugin(api, metadata.namespace, policy);
	}
}

async function labelNodes(api: KubeClient): Promise<void> {
	const { items } = await api.get<{ items: KubeObject[] }>("/api/v1/nodes");
	for (const { metadata } of items) {
		const { name, labels = {} } = metadata;
		const has = labels[vendorLabel(nvidiaVendor)] === "true" ? "true" : undefined;
		if (labels[presentLabel] === has && labels[deployLabel] === has) {
			continue;
		}
		await api.patch(`/api/v1/nodes/${name}`, {
			metadata: { labels: { [presentLabel]: has ?? null, [deployLabel]: has ?? null } },
		});
		log.info(`GPU Operator: node ${name} ${has ? "has" : "no longer has"} a GPU`);
	}
}

async function runDevicePlugin(api: KubeClient, namespace: string, policy: ClusterPolicy): Promise<void> {
	const collection = `/apis/apps/v1/namespaces/${namespace}/daemonsets`;
	const wanted = devicePluginDaemonSet(policy);
	const found = await api.find<KubeObject>(`${collection}/${devicePluginName}`);
	if (found === undefined) {
		await api.create(collection, wanted);
	} else if (found.metadata.annotations?.[appliedHash] !== wanted.metadata.annotations[appliedHash]) {
		await api.replace(`${collection}/${devicePluginName}`, wanted);
	}
}

function devicePluginDaemonSet({ apiVersion = "", kind = "", metadata, spec }: ClusterPolicy) {
	const { name: configMap = "", default: fallback = "" } = spec.devicePlugin?.config ?? {};
	const labels = { app: devicePluginName };
	const template = {
		metadata: { labels },
		spec: {
			automountServiceAccountToken: false,
			nodeSelector: { [deployLabel]: "true" },
			tolerations: spec.daemonsets?.tolerations ?? [],
			containers: [
				{
					name: "nvidia-device-plugin",
					image: "nvcr.io/nvidia/k8s-device-plugin",
					env: [{ name: defaultConfigVariable, value: fallback }],
					securityContext: { privileged: true },
					volumeMounts: [{ name: "device-plugin", mountPath: "/var/lib/kubelet/device-plugins" }],
				},
			],
			volumes: [
				{ name: "device-plugin", hostPath: { path: "/var/lib/kubelet/device-plugins" } },
				...(configMap === "" ? [] : [{ name: "config", configMap: { name: configMap } }]),
			],
		},
	};
	const digest = createHash("sha256").update(JSON.stringify(template)).digest("hex");
	return {
		apiVersion: "apps/v1",
		kind: "DaemonSet",
		metadata: {
			name: devicePluginName,
			labels,
			annotations: { [appliedHash]: digest },
			// Kubernetes deletes it with the ClusterPolicy, which belongs to the release.
			ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true }],
		},
		spec: { selector: { matchLabels: labels }, template },
	};
}
