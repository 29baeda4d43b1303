/**
 * The etcd that a release of RKE2 brings, from the tables of https://docs.rke2.io/release-notes. etcd 3.5 cannot read the
 * data of 3.6, and a cluster whose members have changed upgrades safely from a late 3.5 only (etcd-io/etcd#20793; RKE2's
 * notes of 1.33, "v1.34 Upgrade Warning"). scripts/unsupported.sh has the same table.
 */
import type { Rke2Version } from "../rke2/version.ts";

/** Every member runs it, or a later 3.5, before it upgrades to 3.6. */
export const safeEtcd35 = "3.5.26";
export const lastWithEtcd35 = "v1.33.10+rke2r3";
export const firstWithEtcd36 = "v1.33.11";

/** @returns `3.5` for one that is too old to upgrade to 3.6, else `safe 3.5` or `3.6` */
export function etcdOf({ minor, patch, release }: Rke2Version): "3.5" | "safe 3.5" | "3.6" {
	if (minor > 33 || (minor === 33 && patch > 10)) {
		return "3.6";
	}
	return minor === 33 && (patch > 7 || (patch === 7 && release >= 3)) ? "safe 3.5" : "3.5";
}
