/** Arithmetic on RKE2 versions such as `v1.35.7+rke2r1`. */
import semver from "semver";

export interface Rke2Version {
	major: number;
	minor: number;
	patch: number;
	/** N of `+rke2rN`: releases of RKE2 with the same Kubernetes. */
	release: number;
}

/** @throws RangeError when it is not one full version */
export function parseVersion(text: string): Rke2Version {
	const [, kubernetes = "", release] = /^v(\d+\.\d+\.\d+)\+rke2r(\d+)$/.exec(text) ?? [];
	const version = semver.parse(kubernetes);
	if (!version) {
		throw new RangeError(`${text} is not a full RKE2 version such as v1.35.7+rke2r1.`);
	}
	const { major, minor, patch } = version;
	return { major, minor, patch, release: Number(release) };
}

/** Negative when `a` is the older one. SemVer itself ignores what follows the plus. */
export function compareVersions(a: string, b: string): number {
	const left = parseVersion(a);
	const right = parseVersion(b);
	return (
		left.major - right.major || left.minor - right.minor || left.patch - right.patch || left.release - right.release
	);
}

/**
 * Why a cluster must not go from one version to the other, or `undefined` when it may. RKE2 itself stops nobody, but
 * Kubernetes supports neither a skipped minor nor the way back: https://kubernetes.io/releases/version-skew-policy/
 */
export function upgradeProblem(from: string, to: string): string | undefined {
	const old = parseVersion(from);
	const next = parseVersion(to);
	if (compareVersions(to, from) < 0) {
		return `${to} is older than ${from}, which runs; a cluster goes back only by restoring a snapshot taken on the old version.`;
	}
	if (next.major !== old.major || next.minor > old.minor + 1) {
		return `${to} skips a minor version after ${from}, which runs; upgrade to v${old.major}.${old.minor + 1} first.`;
	}
	return undefined;
}
