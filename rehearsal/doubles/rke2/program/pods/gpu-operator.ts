import { createHash } from "node:crypto";
import type { KubeClient, KubeObject } from "../kube/client.ts";
import { log } from "../process/log.ts";
import { vendorLabel } from "./node-feature-discovery.ts";
import { DEFAULT_CONFIG, DEVICE_PLUGIN, VENDOR } from "./nvidia.ts";
import type { Pod } from "./pod.ts";

const PRESENT = "nvidia.com/gpu.present";
const DEPLOY = "nvidia.com/gpu.deploy.device-plugin";
/** By its digest the operator tells whether what it made is still what it wants. */
const APPLIED = "nvidia.com/last-applied-hash";

interface ClusterPolicy extends KubeObject {
	spec: {
		/** `config`: a ConfigMap in the operator's namespace and its key for nodes without a label; or none, a card to each pod. */
		devicePlugin?: { enabled?: boolean; config?: { name?: string; default?: string } };
		daemonsets?: { tolerations?: object[] };
	};
}

/**
 * Does what the ClusterPolicy asks for, as far as the cluster can see it: labels the nodes on which node feature discovery
 * has found a card, and runs the device plugin on them. Driver, toolkit and validators are left out.
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
		const has = labels[vendorLabel(VENDOR)] === "true" ? "true" : undefined;
		if (labels[PRESENT] === has && labels[DEPLOY] === has) {
			continue;
		}
		await api.patch(`/api/v1/nodes/${name}`, {
			metadata: { labels: { [PRESENT]: has ?? null, [DEPLOY]: has ?? null } },
		});
		log.info(`GPU Operator: node ${name} ${has ? "has" : "no longer has"} a card`);
	}
}

async function runDevicePlugin(api: KubeClient, namespace: string, policy: ClusterPolicy): Promise<void> {
	const collection = `/apis/apps/v1/namespaces/${namespace}/daemonsets`;
	const wanted = devicePluginDaemonSet(policy);
	const found = await api.find<KubeObject>(`${collection}/${DEVICE_PLUGIN}`);
	if (found === undefined) {
		await api.create(collection, wanted);
	} else if (found.metadata.annotations?.[APPLIED] !== wanted.metadata.annotations[APPLIED]) {
		await api.replace(`${collection}/${DEVICE_PLUGIN}`, wanted);
	}
}

function devicePluginDaemonSet({ apiVersion = "", kind = "", metadata, spec }: ClusterPolicy) {
	const { name: configMap = "", default: fallback = "" } = spec.devicePlugin?.config ?? {};
	const labels = { app: DEVICE_PLUGIN };
	const template = {
		metadata: { labels },
		spec: {
			automountServiceAccountToken: false,
			nodeSelector: { [DEPLOY]: "true" },
			tolerations: spec.daemonsets?.tolerations ?? [],
			containers: [
				{
					name: "nvidia-device-plugin",
					image: "nvcr.io/nvidia/k8s-device-plugin",
					env: [{ name: DEFAULT_CONFIG, value: fallback }],
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
			name: DEVICE_PLUGIN,
			labels,
			annotations: { [APPLIED]: digest },
			// Gone with the ClusterPolicy, and so with the release.
			ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true }],
		},
		spec: { selector: { matchLabels: labels }, template },
	};
}
