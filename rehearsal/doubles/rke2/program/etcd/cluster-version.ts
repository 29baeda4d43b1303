import { FatalError } from "../process/log.ts";
import type { EtcdClient } from "./client.ts";

/** Each member's minor of etcd 3, by the member's name. Real etcd has the cluster's version among its own data. */
const prefix = "/rke2-double/etcd-minor/";

/**
 * The version of etcd's cluster is the lowest of its members, and a member does not start with data of a newer one: with etcd 3.5
 * there is no way back from 3.6 but a snapshot (etcd-io/etcd, release-3.5, server/etcdserver/api/membership/downgrade.go,
 * mustDetectDowngrade). The double runs one etcd for all releases, so it compares by itself, once etcd answers.
 *
 * @param member name of this server's member
 * @param version release of RKE2
 * @throws FatalError with etcd's message
 */
export async function requireReadableData(etcd: EtcdClient, member: string, version: string): Promise<void> {
	const members = (await etcd.members()).flatMap(({ name }) => name || []);
	const values = await Promise.all(members.map((name) => etcd.get(`${prefix}${name}`)));
	const recorded = values.flatMap((minor) => (minor === undefined ? [] : Number(minor)));
	const own = etcdMinor(version);
	if (recorded.length > 0 && own < Math.min(...recorded)) {
		throw new FatalError("etcd: invalid downgrade; server version is lower than determined cluster version");
	}
	await etcd.put(`${prefix}${member}`, `${own}`);
}

/** https://docs.rke2.io/release-notes */
function etcdMinor(version: string): 5 | 6 {
	const [, minor, patch] = /^v1\.(\d+)\.(\d+)/.exec(version)!.map(Number) as [number, number, number];
	return minor > 33 || (minor === 33 && patch > 10) ? 6 : 5;
}
