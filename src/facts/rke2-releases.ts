/** The releases of RKE2 that this program configures, and the release that each newer key of a stack file needs. */
import semver from "semver";
import type { StackConfig } from "../config/schema/stack.ts";

/**
 * Minors of RKE2 1 whose keys of config.yaml this program was compared with; src/rke2/keys.ts lists the keys. An older
 * minor does not have all settings that the program makes. The keys of a newer minor may differ.
 */
export const rke2Minors = { oldest: 33, newest: 36 } as const;

/** RKE2 ignores a setting that its release does not have, and at most logs it. The program refuses such a release. */
export interface Feature {
	/** Key of the stack file that needs it. */
	key: string;
	/** First patch that has it, by minor; every patch of a later minor has it. */
	since: Readonly<Record<number, number>>;
	/** A clause: how an earlier release behaves. */
	before: string;
	/** Upstream document. */
	source: string;
	isUsed: (stack: StackConfig) => boolean;
}

export const features: readonly Feature[] = [
	{
		key: "cluster.etcdSnapshots.s3.retention",
		since: { 33: 4, 34: 0 },
		before: "an earlier release retains as many snapshots in the bucket as on the servers",
		source: "https://docs.rke2.io/datastore/backup_restore#s3-retention (k3s-io/k3s#12669)",
		isUsed: ({ cluster }) => cluster.etcdSnapshots.s3 !== undefined,
	},
	{
		key: "cluster.etcdSnapshots.s3.bucketLookup",
		since: { 33: 1 },
		before: "an earlier release chooses by itself",
		source: "https://docs.rke2.io/reference/server_config, etcd-s3-bucket-lookup-type (k3s-io/k3s#12247)",
		isUsed: ({ cluster }) => ![undefined, "auto"].includes(cluster.etcdSnapshots.s3?.bucketLookup),
	},
];

/** @returns the first releases that have the feature, such as `1.33.4`, where the version is older; otherwise nothing */
export function tooOldFor({ since }: Feature, version: string): string[] {
	const first = Object.entries(since).map(([of, from]) => `1.${of}.${from}`);
	const own = first.find((release) => semver.satisfies(version, `~${semver.major(release)}.${semver.minor(release)}`));
	const newest = first.toSorted(semver.compare).at(-1)!;
	return semver.lt(version, own ?? newest) ? first : [];
}
