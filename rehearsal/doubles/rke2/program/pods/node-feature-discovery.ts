import type { KubeClient, KubeObject } from "../kube/client.ts";
import type { Host } from "./host.ts";
import type { Pod } from "./pod.ts";

const vendorLabelPattern = /^feature\.node\.kubernetes\.io\/pci-[0-9a-f]{4}\.present$/;

/** NFD's label of a node with a PCI device of the vendor. */
export const vendorLabel = (vendor: string) => `feature.node.kubernetes.io/pci-${vendor}.present`;

/**
 * Labels the node with the vendors of its PCI devices. NFD's worker reports them to its master, which sets the labels. Here
 * the worker does both.
 */
export async function actForNodeFeatureDiscovery(_: Pod, api: KubeClient, host: Host): Promise<void> {
	const path = `/api/v1/nodes/${host.node}`;
	const { metadata } = await api.get<KubeObject>(`${path}?resourceVersion=0`);
	const found = host.pciDevices().map((device) => vendorLabel(device.split(":")[0] ?? ""));
	const present = Object.keys(metadata.labels ?? {}).filter((name) => vendorLabelPattern.test(name));
	const labels = Object.fromEntries([
		...present.filter((name) => !found.includes(name)).map((name) => [name, null]),
		...found.filter((name) => !present.includes(name)).map((name) => [name, "true"]),
	]);
	if (Object.keys(labels).length > 0) {
		await api.patch(path, { metadata: { labels } });
	}
}
