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
