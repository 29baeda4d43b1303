/**
 * The services that the lab's network has besides Proxmox and the nodes: name servers, a load balancer in some modes, and the S3
 * store for snapshots of etcd if the stack file has one.
 */
import { isAddress } from "../../src/config/formats/addresses.ts";
import type { StackConfig } from "../../src/config/schema/stack.ts";
import type { LoadBalancerDescription } from "../doubles/network/load-balancer.ts";
import type { NameServers } from "../doubles/network/names.ts";
import type { SnapshotStoreDescription } from "../doubles/network/snapshot-store.ts";

export interface NetworkServices {
	names: NameServers;
	loadBalancer?: LoadBalancerDescription | undefined;
	snapshotStore?: SnapshotStoreDescription | undefined;
}

/** Derives the services from what the stack file says about the API, the name servers and the store of snapshots. */
export function describeNetworkServices({ cluster, network, nodes }: StackConfig): NetworkServices {
	const { api } = cluster;
	const snapshotStore = describeSnapshotStore(cluster.etcdSnapshots.s3, network.gateway);
	const controlPlanes = Object.values(nodes)
		.filter(({ role }) => role === "control-plane")
		.map(({ address }) => address);
	return {
		names: {
			addresses: network.nameservers,
			records: {
				[api.hostname]: api.address === undefined ? controlPlanes : [api.address],
				...Object.fromEntries((snapshotStore?.names ?? []).map((name) => [name, [snapshotStore!.address]])),
			},
		},
		loadBalancer:
			api.mode === "external" && api.address !== undefined ? { address: api.address, controlPlanes } : undefined,
		snapshotStore,
	};
}

/** A store with a name is at the gateway, as the mirrors are. One with an address is there. */
function describeSnapshotStore(
	s3: StackConfig["cluster"]["etcdSnapshots"]["s3"],
	gateway: string,
): SnapshotStoreDescription | undefined {
	if (!s3) {
		return undefined;
	}
	const [host = "", port = s3.insecure ? "80" : "443"] = s3.endpoint.split(":");
	const isNamed = !isAddress(host);
	return {
		host,
		address: isNamed ? gateway : host,
		port: Number(port),
		bucket: s3.bucket,
		region: s3.region,
		encrypted: !s3.insecure,
		// With `dns` and at the endpoints of large providers clients put the bucket before the host.
		names: isNamed ? [host, `${s3.bucket}.${host}`] : [],
	};
}
