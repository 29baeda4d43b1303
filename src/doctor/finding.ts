/** What an examination finds. */

/** Parts of a first `up` that are examined, in the order of the report, with what is examined. */
export const parts = {
	workstation: "programs and settings that `up` needs here",
	secrets: "secrets of the stack file",
	connection: "name, certificate and answer of the Proxmox API, token, version",
	privileges: "privileges of the token",
	hosts: "hosts of Proxmox, and their memory",
	storages: "storages, their contents and their room",
	gpus: "resource mappings of GPUs",
	bridges: "bridge of the nodes' network",
	machines: "VM ids",
	downloads: "image and RKE2, and their digests",
	names: "names of the Kubernetes API",
	addresses: "way to the nodes' network, and addresses that are in use",
} as const;
export type Part = keyof typeof parts;

/** Parts that cannot be examined while Proxmox does not answer. */
export const inProxmox: readonly Part[] = [
	"privileges",
	"hosts",
	"storages",
	"gpus",
	"bridges",
	"machines",
	"downloads",
];

export interface Finding {
	part: Part;
	/** A first `up` fails with a mistake, and may fail with a warning. `unchecked` could not be examined. */
	kind: "mistake" | "warning" | "unchecked";
	/** What is wrong: one sentence, with the key of the stack file. It contains no secret. */
	wrong: string;
	/** What to do, as an imperative. */
	mend: string;
}

/** Writes findings about one part. */
export function findingsAbout(part: Part) {
	const of =
		(kind: Finding["kind"]) =>
		(wrong: string, mend: string): Finding => ({ part, kind, wrong, mend });
	return { mistake: of("mistake"), warning: of("warning"), unchecked: of("unchecked") };
}
