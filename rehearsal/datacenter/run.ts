/** One run of the datacenter: where it keeps its files, and how the kernel knows what belongs to it. */
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
		throw new Error(`"${name}" cannot name a rehearsal: use lower-case letters, digits and dashes, at most 30.`);
	}
	return {
		name,
		directory: `/var/lib/rke2-rehearsal/${name}`,
		group: `rke2-rehearsal-${name}`,
		network: `/run/netns/rke2-${name}`,
	};
}
