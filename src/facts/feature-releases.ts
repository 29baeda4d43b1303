/**
 * Which release of RKE2 honours what a stack file may ask for. RKE2 ignores what it does not know yet, and says so at most
 * in its log, so an older release is refused.
 */
import semver from "semver";
import type { StackConfig } from "../config/schema/stack.ts";
import { parseVersion } from "../rke2/version.ts";

export interface Feature {
	/** Key of the stack file that asks for it. */
	key: string;
	/** First patch that honours it, by minor; minors after the last one do from their first patch on. */
	since: Readonly<Record<number, number>>;
	/** What a release before does, as a clause. */
	before: string;
	/** Where upstream says it. */
	source: string;
	isAskedFor: (stack: StackConfig) => boolean;
}

export const features: readonly Feature[] = [
	{
		key: "cluster.etcdSnapshots.s3.retention",
		since: { 33: 4, 34: 0 },
		before: "an earlier one keeps as many in the bucket as on the servers",
		source: "https://docs.rke2.io/datastore/backup_restore#s3-retention (k3s-io/k3s#12669)",
		isAskedFor: ({ cluster }) => cluster.etcdSnapshots.s3 !== undefined,
	},
	{
		key: "cluster.etcdSnapshots.s3.bucketLookup",
		since: { 33: 1 },
		before: "an earlier one decides by itself",
		source: "https://docs.rke2.io/reference/server_config, etcd-s3-bucket-lookup-type (k3s-io/k3s#12247)",
		isAskedFor: ({ cluster }) => ![undefined, "auto"].includes(cluster.etcdSnapshots.s3?.bucketLookup),
	},
];

/** @returns the first releases that honour the feature, such as `1.33.4`, where the version is older than all of them */
export function tooOldFor({ since }: Feature, version: string): string[] {
	const { major, minor, patch } = parseVersion(version);
	const first = Object.entries(since).map(([of, from]) => `1.${of}.${from}`);
	const found = `${major}.${minor}.${patch}`;
	const own = first.find((release) => semver.minor(release) === minor && semver.major(release) === major);
	const newest = first.toSorted(semver.compare).at(-1)!;
	return semver.lt(found, own ?? newest) ? first : [];
}
