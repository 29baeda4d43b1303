import type { KubeClient, KubeObject } from "../kube/client.ts";
import { log } from "../process/log.ts";
import type { Pod } from "./pod.ts";

interface AddressPool {
	spec: { addresses: string[]; autoAssign?: boolean };
}

interface Service extends KubeObject {
	spec: { type?: string; loadBalancerClass?: string };
	status: { loadBalancer?: { ingress?: { ip?: string }[] } };
}

/**
 * Gives every Service of type LoadBalancer the first free address of the pools with automatic assignment. Without a free
 * address it creates an event. A Service keeps its address as long as a pool contains it.
 * https://metallb.io/usage/#requesting-specific-ips
 */
export async function actForMetallbController({ metadata }: Pod, api: KubeClient): Promise<void> {
	const pools = await api.get<{ items: AddressPool[] }>(
		`/apis/metallb.io/v1beta1/namespaces/${metadata.namespace}/ipaddresspools`,
	);
	const { items } = await api.get<{ items: Service[] }>("/api/v1/services");
	const services = items.filter(({ spec }) => spec.type === "LoadBalancer" && spec.loadBalancerClass === undefined);
	const owned = new Set(addressesOf(pools.items));
	const free = new Set(addressesOf(pools.items.filter(({ spec }) => spec.autoAssign !== false)));
	for (const service of services) {
		free.delete(addressOf(service) ?? "");
	}

	for (const service of services) {
		const current = addressOf(service);
		if (current !== undefined && owned.has(current)) {
			continue;
		}
		const [address] = free;
		if (address === undefined && current === undefined) {
			await complain(api, service);
			continue;
		}
		if (address !== undefined) {
			free.delete(address);
		}
		await assign(api, service, address);
	}
}

/** Creates one event for each Service, because the name of the event contains the Service. */
async function complain(api: KubeClient, { metadata }: Service): Promise<void> {
	const { name, namespace, uid } = metadata;
	await api.createIfAbsent(`/api/v1/namespaces/${namespace}/events`, {
		metadata: { name: `${name}.${uid}`, namespace },
		involvedObject: { apiVersion: "v1", kind: "Service", name, namespace, uid },
		type: "Warning",
		reason: "AllocationFailed",
		message: `Failed to allocate IP for "${namespace}/${name}": no available IPs`,
		source: { component: "metallb-controller" },
	});
}

async function assign(api: KubeClient, service: Service, address: string | undefined): Promise<void> {
	const { name, namespace } = service.metadata;
	await api.replace(`/api/v1/namespaces/${namespace}/services/${name}/status`, {
		...service,
		status: { ...service.status, loadBalancer: address === undefined ? {} : { ingress: [{ ip: address }] } },
	});
	log.info(`MetalLB: Service ${namespace}/${name} has ${address ?? "no address any more"}`);
}

function addressOf({ status }: Service): string | undefined {
	return status.loadBalancer?.ingress?.[0]?.ip;
}

function* addressesOf(pools: AddressPool[]): Generator<string> {
	for (const range of pools.flatMap(({ spec }) => spec.addresses)) {
		const [first, last] = boundsOf(range);
		for (let number = first; number <= last; number += 1) {
			yield toText(number);
		}
	}
}

/** @param range `10.25.20.30-10.25.20.35` or a CIDR */
function boundsOf(range: string): [first: number, last: number] {
	const [from = "", to] = range.split("-");
	if (to !== undefined) {
		return [toNumber(from), toNumber(to)];
	}
	const [address = "", prefix = "32"] = range.split("/");
	const size = 2 ** (32 - Number(prefix));
	const first = Math.floor(toNumber(address) / size) * size;
	return [first, first + size - 1];
}

function toNumber(address: string): number {
	return address
		.trim()
		.split(".")
		.reduce((number, part) => number * 256 + Number(part), 0);
}

function toText(number: number): string {
	return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join(".");
}
