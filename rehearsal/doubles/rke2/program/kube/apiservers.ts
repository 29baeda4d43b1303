import type { KubeClient } from "./client.ts";

interface EndpointSlice {
	endpoints: { addresses: string[] }[];
	ports: { name: string; port: number }[];
}

/** `<address>:<port>` of every API server, from the EndpointSlices of the Service `kubernetes`. */
export async function apiserverAddresses(kube: KubeClient): Promise<string[]> {
	const { items } = await kube.get<{ items: EndpointSlice[] }>(
		"/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Dkubernetes",
	);
	return items.flatMap(({ endpoints, ports }) =>
		endpoints.flatMap(({ addresses }) => addresses.map((address) => `${address}:${ports[0]?.port}`)),
	);
}
