/** The size of a node's machine, in the command line of converge.sh and as a running node reports it. */

export interface MachineSize {
	cpus: number;
	memoryGiB: number;
	diskGiB: number;
}

/** What the kubelet reports of the machine that it runs on (`status.capacity` of the Node). */
export interface MachineCapacity {
	cpus: number;
	memoryBytes: number;
	/** Of the file system on the system disk. */
	fileSystemBytes: number;
}

const gibibyte = 2 ** 30;
const line =
	/\/converge\.sh \S+ (?:server|agent) \S+ (?<cpus>\d{1,6}) (?<memoryGiB>\d{1,6}) (?<diskGiB>\d{1,6})(?: |$)/;

/** The arguments of converge.sh after the release. */
export function sizeArguments({ cpus, memoryGiB, diskGiB }: MachineSize): string[] {
	return [cpus, memoryGiB, diskGiB].map(String);
}

/** @returns nothing for the command line of another script */
export function sizeIn(commandLine: string): MachineSize | undefined {
	const groups = line.exec(commandLine)?.groups;
	return (
		groups && {
			cpus: Number(groups.cpus),
			memoryGiB: Number(groups.memoryGiB),
			diskGiB: Number(groups.diskGiB),
		}
	);
}

/** @returns a phrase for each key that differs, such as `cpus 8 becomes 6`; a disk cannot become smaller */
export function resizedKeys(runs: MachineSize, wanted: MachineSize): string[] {
	return (["cpus", "memoryGiB", "diskGiB"] as const)
		.filter((key) => (key === "diskGiB" ? runs[key] < wanted[key] : runs[key] !== wanted[key]))
		.map((key) => `${key} ${runs[key]} becomes ${wanted[key]}`);
}

/**
 * Whether the running machine has another size than the stack file wants, with the tolerances of scripts/size.sh, which gives the
 * reasons for them. A part that is not a number counts as another size.
 */
export function isSizePending(has: MachineCapacity, { cpus, memoryGiB, diskGiB }: MachineSize): boolean {
	const memory = memoryGiB * gibibyte;
	const hasSize =
		has.cpus === cpus &&
		has.memoryBytes <= memory &&
		has.memoryBytes >= memory * 0.98 - gibibyte / 4 &&
		has.fileSystemBytes >= diskGiB * gibibyte * 0.97 - 2.5 * gibibyte;
	return !hasSize;
}
