/** What one tree wants of its stacks, as data: the input of a comparison. The tree itself writes it, so each side is read by its own code. */
import type { Problem } from "../../src/config/read/problems.ts";

/** Raise it with every change of the form below that an older comparison would misread. */
export const recordingFormat = 1;

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** In the place of a value that is known during `up` only. */
export const unknownMark = "(known during up)";

export interface Recording {
	format: typeof recordingFormat;
	/** In alphabetical order of their names. */
	stacks: StackRecording[];
}

export interface StackRecording {
	/** As in `Pulumi.<name>.yaml`. */
	name: string;
	/** Mistakes of the stack file. If there is one, the lists below are empty. */
	problems: Problem[];
	/** Warnings of the stack file, in the order of the checks. */
	warnings: Problem[];
	/** Values of the stack file without its secrets, by dotted key. */
	values: Record<string, Json>;
	/** Digest of each secret's ciphertext, by key. */
	secrets: Record<string, string>;
	/** In alphabetical order of their keys. */
	resources: RecordedResource[];
	/** Absent where the stack file has mistakes. */
	cluster?: RecordedCluster;
	/** In the order of the stack file. */
	nodes: RecordedNode[];
	/** Proxmox hosts in the order of the stack file. */
	hosts: RecordedHost[];
	posture: Posture;
	/** Name of the token, and `path: privilege` for each of its privileges. */
	privileges: string[];
}

export interface RecordedResource {
	type: string;
	name: string;
	/** Type of its parent; empty for a resource of the stack itself. */
	parentType: string;
	/** A secret is `{ secret: <digest> }`, an unknown value {@link unknownMark}. */
	inputs: { [key: string]: Json };
	ignoreChanges: string[];
	protect: boolean;
	replaceOnChanges: string[];
	/** Whether a VM that is made anew replaces it, for its node. */
	hasTrigger: boolean;
	/** `<type>::<name>` of what it waits for. */
	dependsOn: string[];
	/** `<type>::<name>` of the resources whose outputs a property takes. */
	outputsIn: Record<string, string[]>;
}

/** A tree that is older than a property leaves it out. */
export interface RecordedCluster {
	apiMode: string;
	/** Addresses and names at which clients reach the API. */
	api?: string[];
	network?: RecordedNetwork;
	/** For people. */
	maintenanceWindow?: string;
	/** How many workers a rollout may take at the same time. */
	unavailableWorkers?: number;
}

/** The segment of the nodes. */
export interface RecordedNetwork {
	bridge: string;
	/** Absent where the VMs' interfaces have no tag. */
	vlan?: number;
	cidr: string;
	gateway: string;
}

export interface RecordedNode {
	name: string;
	role: "control-plane" | "worker";
	host: string;
	address: string;
	/** How long its drain may take. */
	drainSeconds: number;
	/** Mapping of its GPU. */
	gpu?: string;
	/** Absent in the recording of a tree that is older than this property. */
	machine?: RecordedMachine;
}

/** The VM of a node, as the stack file has it. */
export interface RecordedMachine {
	vmId: number;
	cpus: number;
	memoryGiB: number;
	/** The system disk, then the disk for volumes if there is one. */
	disksGiB: number[];
	/** Model of its GPU, for people. */
	gpu?: string;
}

export interface RecordedHost {
	name: string;
	cpus: Usage;
	memoryGiB: Usage;
	/** System disks, and data disks on the same storage. */
	diskGiB: Usage;
}

export interface Usage {
	used: number;
	/** Absent where the stack file does not say it. */
	of?: number;
}

/** What the policy pack says, under the profile `lab`. */
export interface Posture {
	violations: { policy: string; mandatory: boolean; message: string }[];
	exceptions: { policy: string; subject: string; reason: string; expires: string }[];
	controls: { id: string; title: string; level: 1 | 2; result: string; evidence: string[] }[];
}

/** The recording of a tree that does not have the stack, or of a stack file with mistakes. */
export function emptyRecording(name: string): StackRecording {
	return {
		name,
		problems: [],
		warnings: [],
		values: {},
		secrets: {},
		resources: [],
		nodes: [],
		hosts: [],
		posture: { violations: [], exceptions: [], controls: [] },
		privileges: [],
	};
}
