/** Rules for the release of RKE2. */
import { type Feature, features, rke2Minors, tooOldFor } from "../../facts/rke2-releases.ts";
import type { Problem } from "../read/problems.ts";
import { applyRules } from "../read/readable.ts";
import type { StackConfig } from "../schema/stack.ts";

const key = "cluster.version";

export function checkVersion(stack: StackConfig): Problem[] {
	const newFeatures = features.map((feature) => (stack: StackConfig) => checkFeature(feature, stack));
	return applyRules(stack, checkMinor, ...newFeatures);
}

function checkFeature(feature: Feature, stack: StackConfig): Problem[] {
	const { version } = stack.cluster;
	const first = feature.isUsed(stack) ? tooOldFor(feature, version) : [];
	return first.length === 0
		? []
		: [
				{
					key: feature.key,
					message: `needs RKE2 ${first.join(" or ")} or newer, and cluster.version is ${version}: ${feature.before}.`,
				},
			];
}

function checkMinor({ cluster: { version } }: StackConfig): Problem[] {
	return minorOf(version) < rke2Minors.oldest
		? [
				{
					key,
					message: `${version} is older than 1.${rke2Minors.oldest}; RKE2 would ignore settings that it does not have yet, including encryption and hardening, and only log a warning.`,
				},
			]
		: [];
}

/** A warning only: a newer minor mostly has the same settings, and an urgent upgrade cannot wait for this program. */
export function versionWarnings({ cluster: { version } }: StackConfig): Problem[] {
	return minorOf(version) > rke2Minors.newest
		? [
				{
					key,
					message: `${version} is newer than 1.${rke2Minors.newest}, the last minor that this program was compared with; RKE2 ignores a setting that it no longer has, so compare src/rke2/keys.ts with its release notes, and then change src/facts/rke2-releases.ts.`,
				},
			]
		: [];
}

/** A release of major 0 counts as older than every minor, one of major 2 as newer. */
function minorOf(version: string): number {
	const [major, minor] = version.slice(1).split(".").map(Number) as [number, number];
	return major === 1 ? minor : (major - 1) * Number.POSITIVE_INFINITY;
}
