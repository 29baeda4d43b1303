/** The double's etcd refuses the data of a newer one, as etcd 3.5 does. */
import { expect, test } from "vitest";
import type { EtcdClient } from "../../../../../rehearsal/doubles/rke2/program/etcd/client.ts";
import { requireReadableData } from "../../../../../rehearsal/doubles/rke2/program/etcd/cluster-version.ts";

const [older, newer] = ["v1.33.10+rke2r3", "v1.33.11+rke2r1"];
const refusal = "invalid downgrade; server version is lower than determined cluster version";

/** A datastore with these members. */
function datastore(members: string[]): Pick<EtcdClient, "members" | "get" | "put"> {
	const values = new Map<string, string>();
	return {
		members: async () => members.map((name) => ({ ID: name, name, peerURLs: [] })),
		get: async (key) => values.get(key),
		put: async (key, value) => void values.set(key, value),
	};
}

test("a member with etcd 3.5 starts beside newer ones until every member has 3.6", async () => {
	const members = ["m01", "m02"];
	const etcd = datastore(members) as EtcdClient;
	for (const member of members) {
		await requireReadableData(etcd, member, older);
	}
	await requireReadableData(etcd, "m01", newer);
	await requireReadableData(etcd, "m01", older);
	for (const member of members) {
		await requireReadableData(etcd, member, newer);
	}
	await expect(requireReadableData(etcd, "m01", older)).rejects.toThrow(refusal);
	await requireReadableData(etcd, "m01", "v1.36.0+rke2r1");
});

test("a member that has left the cluster does not count", async () => {
	const members = ["m01", "m02"];
	const etcd = datastore(members) as EtcdClient;
	await requireReadableData(etcd, "m02", older);
	await requireReadableData(etcd, "m01", newer);
	members.pop();
	await expect(requireReadableData(etcd, "m01", older)).rejects.toThrow(refusal);
});
