/**
 * Which etcd a release of RKE2 brings, from the tables of https://docs.rke2.io/release-notes. Data that etcd 3.6 has
 * written is of no use to 3.5, and a cluster whose members have changed upgrades safely from 3.5.26 on only
 * (etcd-io/etcd#20793; RKE2's notes of 1.33, "v1.34 Upgrade Warning").
 */
import type { Rke2Version } from "../rke2/version.ts";

/** The last release with etcd 3.5: every member goes through 3.5.26 on the way to 3.6. */
export const lastWithEtcd35 = "v1.33.10+rke2r3";

/** Which etcd a release brings: `3.5` before 3.5.26, `3.5.26`, or `3.6`. */
export function etcdOf({ minor, patch, release }: Rke2Version): "3.5" | "3.5.26" | "3.6" {
	if (minor > 33 || (minor === 33 && patch > 10)) {
		return "3.6";
	}
	return minor === 33 && (patch > 7 || (patch === 7 && release >= 3)) ? "3.5.26" : "3.5";
}
