import { createHash } from "node:crypto";
import { networkInterfaces } from "node:os";
import type { KubeClient, KubeObject } from "../kube/client.ts";
import { log } from "../process/log.ts";
import { addAddress, defaultDevice, removeAddress } from "../vip/address.ts";
import type { Host } from "./host.ts";
import type { Pod } from "./pod.ts";

interface Service extends KubeObject {
	metadata: KubeObject["metadata"] & { namespace: string };
	spec: { type?: string };
	status: { loadBalancer?: { ingress?: { ip?: string }[] } };
}

interface EndpointSlice {
	endpoints?: { nodeName?: string; conditions?: { ready?: boolean } }[];
}

/**
 * Announces the addresses of Services of type LoadBalancer that fall to this node, while there is an L2Advertisement. A real
 * speaker answers ARP for the address, and kube-proxy redirects its packets; here the machine's interface has the address.
 *
 * One node with a ready endpoint announces: the first by the hash of its name and the address, as in `ShouldAnnounce` of
 * https://github.com/metallb/metallb/blob/main/speaker/layer2_controller.go
 */
export async function actForMetallbSpeaker({ metadata }: Pod, api: KubeClient, { node }: Host): Promise<void> {
	const advertisements = await api.get<{ items: unknown[] }>(
		`/apis/metallb.io/v1beta1/namespaces/${metadata.namespace}/l2advertisements`,
	);
	const { items } = await api.get<{ items: Service[] }>("/api/v1/services?resourceVersion=0");
	for (const service of items.filter(({ spec }) => spec.type === "LoadBalancer")) {
		const address = service.status.loadBalancer?.ingress?.[0]?.ip;
		if (address !== undefined) {
			const nodes = advertisements.items.length > 0 ? await nodesWithEndpoint(service, api) : [];
			await hold(address, announcerOf(address, nodes) === node, service);
		}
	}
}

async function nodesWithEndpoint({ metadata: { name, namespace } }: Service, api: KubeClient): Promise<string[]> {
	const query = new URLSearchParams({ labelSelector: `kubernetes.io/service-name=${name}`, resourceVersion: "0" });
	const { items } = await api.get<{ items: EndpointSlice[] }>(
		`/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices?${query}`,
	);
	const ready = items.flatMap(({ endpoints }) => endpoints ?? []).filter(({ conditions }) => conditions?.ready);
	return [...new Set(ready.flatMap(({ nodeName }) => nodeName ?? []))];
}

function announcerOf(address: string, nodes: readonly string[]): string | undefined {
	const hash = (node: string) => createHash("sha256").update(`${node}#${address}`).digest("hex");
	return nodes.toSorted((left, right) => (hash(left) < hash(right) ? -1 : 1))[0];
}

async function hold(address: string, wanted: boolean, { metadata: { name, namespace } }: Service): Promise<void> {
	const held = Object.values(networkInterfaces()).some((all) => all?.some((one) => one.address === address));
	if (held === wanted) {
		return;
	}
	const device = await defaultDevice();
	await (wanted ? addAddress(device, address) : removeAddress(device, address));
	log.info(`MetalLB: this node ${wanted ? "announces" : "no longer announces"} ${address} of ${namespace}/${name}`);
}
