import type { KubeClient, KubeObject } from "../kube/client.ts";

/** A pod that is bound to this machine's node and ready. */
export interface Pod extends KubeObject {
	metadata: KubeObject["metadata"] & { namespace: string };
	spec: {
		serviceAccountName?: string;
		volumes?: { configMap?: { name: string } }[];
	};
	status?: { conditions?: { type: string; status: string }[] };
}

/** Whether the pod has all of the labels. */
export function isLabelled({ metadata }: Pod, labels: Record<string, string>): boolean {
	return Object.entries(labels).every(([name, value]) => metadata.labels?.[name] === value);
}

export async function readyPods(kubelet: KubeClient, node: string): Promise<Pod[]> {
	// From the API server's cache, because every node asks every other second.
	const query = new URLSearchParams({ fieldSelector: `spec.nodeName=${node}`, resourceVersion: "0" });
	const { items } = await kubelet.get<{ items: Pod[] }>(`/api/v1/pods?${query}`);
	return items.filter(
		({ metadata, status }) =>
			metadata.deletionTimestamp === undefined &&
			status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True"),
	);
}
