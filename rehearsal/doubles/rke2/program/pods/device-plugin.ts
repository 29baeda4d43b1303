import { parse } from "yaml";
import type { KubeClient, KubeObject } from "../kube/client.ts";
import { log } from "../process/log.ts";
import type { Host } from "./host.ts";
import { defaultConfigVariable, devicePluginName, nvidiaVendor } from "./nvidia.ts";
import { isLabelled, type Pod } from "./pod.ts";

const resourceName = "nvidia.com/gpu";
/** The node label that chooses a configuration of the ConfigMap. */
const configLabel = "nvidia.com/device-plugin.config";

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
 * Reports the node's GPUs as the kubelet does: those that the device plugin counts, and none without a device plugin. It
 * reads the ConfigMap with the privileges of the kubelet, which may read the ConfigMaps that its pods mount.
 * https://github.com/NVIDIA/k8s-device-plugin#multiple-config-files
 */
export async function reportGpus(kubelet: KubeClient, pods: Pod[], { node, pciDevices }: Host): Promise<void> {
	const plugin = pods.find((pod) => isLabelled(pod, { app: devicePluginName })) as PluginPod | undefined;
	const gpus = pciDevices().filter((device) => device.startsWith(`${nvidiaVendor}:`)).length;
	if (plugin === undefined && gpus === 0) {
		return;
	}
	const { metadata, status } = await kubelet.get<NodeObject>(`/api/v1/nodes/${node}?resourceVersion=0`);
	const offered = status?.capacity?.[resourceName];
	if (plugin === undefined && offered === undefined) {
		return;
	}
	const count = plugin === undefined || gpus === 0 ? 0 : gpus * (await sharesOf(kubelet, plugin, metadata.labels));
	if (offered === String(count)) {
		return;
	}
	const resources = { [resourceName]: String(count) };
	await kubelet.patch(`/api/v1/nodes/${node}/status`, { status: { capacity: resources, allocatable: resources } });
	log.info(`Device plugin: this node offers ${count} of ${resourceName}`);
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
	const fallback = spec.containers[0]?.env?.find(({ name }) => name === defaultConfigVariable)?.value ?? "";
	const key = nodeLabels[configLabel] ?? fallback;
	const path = `/api/v1/namespaces/${metadata.namespace}/configmaps/${configMap}`;
	const { data } = await kubelet.get<{ data?: Record<string, string> }>(path);
	const text = data?.[key];
	if (text === undefined) {
		throw new Error(`ConfigMap ${configMap} has no configuration ${JSON.stringify(key)}`);
	}
	const { sharing } = parse(text) as ConfigFile;
	return sharing?.timeSlicing?.resources?.find(({ name }) => name === resourceName)?.replicas ?? 1;
}
