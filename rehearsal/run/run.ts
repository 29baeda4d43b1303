/** One run of the datacenter: its directory, and the control group and network namespace that mark its processes. */
export interface Run {
	name: string;
	/** Disks and run-time files of the machines. */
	directory: string;
	/** Control group of everything that the run starts, relative to the root of the hierarchy. */
	group: string;
	/** Path of the network namespace. */
	network: string;
}

/** @param name lower-case letters, digits and dashes, at most 30 characters */
export function describeRun(name = "lab"): Run {
	if (!/^[a-z0-9][a-z0-9-]{0,29}$/.test(name)) {
		throw new Error(`"${name}" is no valid name of a rehearsal: use at most 30 lower-case letters, digits and dashes.`);
	}
	return {
		name,
		directory: `/var/lib/rke2-rehearsal/${name}`,
		group: `rke2-rehearsal-${name}`,
		network: `/run/netns/rke2-${name}`,
	};
}

/** Directory of the S3 store. Its folder `objects` has a folder for the bucket, in which each object is a file. */
export function snapshotStoreDirectory({ directory }: Run): string {
	return `${directory}/snapshot-store`;
}
