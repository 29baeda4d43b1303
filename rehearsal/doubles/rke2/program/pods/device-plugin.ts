import { parse } from "yaml";
import type { KubeClient, KubeObject } from "../kube/client.ts";
import { log } from "../process/log.ts";
import type { Host } from "./host.ts";
import { DEFAULT_CONFIG, DEVICE_PLUGIN, VENDOR } from "./nvidia.ts";
import { isLabelled, type Pod } from "./pod.ts";

const RESOURCE = "nvidia.com/gpu";
/** Says which configuration of the ConfigMap a node uses. */
const CONFIG_LABEL = "nvidia.com/device-plugin.config";

interface PluginPod extends Pod {
	spec: Pod["spec"] & { containers: { env?: { name: string; value?: string }[] }[] };
}

interface NodeObject extends KubeObject {
	status?: { capacity?: Record<string, string> };
}

interface ConfigFile {
	sharing?: { timeSlicing?: { resources?: { name: string; replicas: number }[] } };
}

/**
 * The kubelet's part: while a device plugin runs on the node, it offers what the plugin counts, and none without one. The
 * ConfigMap is read with the kubelet's own rights, which reach those that its pods mount.
 * https://github.com/NVIDIA/k8s-device-plugin#multiple-config-files
 */
export async function reportCards(kubelet: KubeClient, pods: Pod[], { node, pciDevices }: Host): Promise<void> {
	const plugin = pods.find((pod) => isLabelled(pod, { app: DEVICE_PLUGIN })) as PluginPod | undefined;
	const cards = pciDevices().filter((device) => device.startsWith(`${VENDOR}:`)).length;
	if (plugin === undefined && cards === 0) {
		return;
	}
	const { metadata, status } = await kubelet.get<NodeObject>(`/api/v1/nodes/${node}?resourceVersion=0`);
	const offered = status?.capacity?.[RESOURCE];
	if (plugin === undefined && offered === undefined) {
		return;
	}
	const count = plugin === undefined || cards === 0 ? 0 : cards * (await sharesOf(kubelet, plugin, metadata.labels));
	if (offered === String(count)) {
		return;
	}
	const resources = { [RESOURCE]: String(count) };
	await kubelet.patch(`/api/v1/nodes/${node}/status`, { status: { capacity: resources, allocatable: resources } });
	log.info(`Device plugin: this node offers ${count} of ${RESOURCE}`);
}

async function sharesOf(
	kubelet: KubeClient,
	{ metadata, spec }: PluginPod,
	nodeLabels: Record<string, string> = {},
): Promise<number> {
	const configMap = spec.volumes?.find((volume) => volume.configMap)?.configMap?.name;
	if (configMap === undefined) {
		return 1;
	}
	const fallback = spec.containers[0]?.env?.find(({ name }) => name === DEFAULT_CONFIG)?.value ?? "";
	const key = nodeLabels[CONFIG_LABEL] ?? fallback;
	const path = `/api/v1/namespaces/${metadata.namespace}/configmaps/${configMap}`;
	const { data } = await kubelet.get<{ data?: Record<string, string> }>(path);
	const text = data?.[key];
	if (text === undefined) {
		throw new Error(`ConfigMap ${configMap} has no configuration ${JSON.stringify(key)}`);
	}
	const { sharing } = parse(text) as ConfigFile;
	return sharing?.timeSlicing?.resources?.find(({ name }) => name === RESOURCE)?.replicas ?? 1;
}
