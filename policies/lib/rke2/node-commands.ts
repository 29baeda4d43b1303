/** The commands by which the program reaches a node, and the files that each of them may carry. */
import { type NodeStep, nodeSteps } from "../../../src/facts/resource-names.ts";
import { paths } from "../../../src/rke2/paths.ts";

/** A path, or a pattern of paths. */
type Place = string | RegExp;

export interface NodeCommand {
	/** Allowed places of its files; none for a command without files. */
	places: readonly Place[];
	/** Whether its command line is known only once there is a cluster. */
	late?: true;
	/** Whether some of its commands carry no files. */
	partly?: true;
}

/** Environment of RKE2's unit. */
export const environment = /^\/etc\/default\/rke2-(?:server|agent)$/;

/** Settings of cloud-init, which could run any command at a boot. */
export const cloudInit = /^\/etc\/cloud\/cloud\.cfg\.d\/[\w-]+\.cfg$/;

/** Settings of needrestart, which are Perl that it runs as root. */
export const needrestart = /^\/etc\/needrestart\/conf\.d\/[\w-]+\.conf$/;

/** Settings of apt, which could run any command before and after a package. */
export const aptSettings = /^\/etc\/apt\/apt\.conf\.d\/[\w-]+$/;

/** Of these, rules read config.yaml, its drop-ins, the manifests and the three files that config.yaml names. */
const configuration: readonly Place[] = [
	paths.config,
	// The DNS servers of pods; a network policy decides which of them they reach.
	paths.resolver,
	new RegExp(`^${paths.config.replace(".", "\\.")}\\.d/[^/]+\\.ya?ml$`),
	paths.auditPolicy,
	paths.admission,
	paths.authentication,
	new RegExp(`^${paths.registryAuthorities}/[^/]+\\.pem$`),
	new RegExp(`^${paths.manifests}/.+\\.ya?ml$`),
	environment,
	paths.keepalived,
	// A name; another one lets RKE2 make its certificates anew, once.
	paths.certificateRotation,
	// Removes a file before RKE2 starts; the toolkit brings the scripts that run as root beside it.
	paths.passwordsDropIn,
];

/**
 * By step. The step's script has the same name; only the toolkit, which brings the scripts, is a script itself. A file that
 * is new among those of src/rke2 needs a rule that reads it, or a reason why it is harmless, before it is listed here.
 */
export const nodeCommands: Readonly<Record<NodeStep, NodeCommand>> = {
	toolkit: { places: [new RegExp(`^${paths.toolkit}/[a-z-]+\\.sh$`)] },
	preflight: { places: [] },
	prepare: {
		places: [
			/^\/etc\/sysctl\.d\/[\w-]+\.conf$/,
			/^\/etc\/modules-load\.d\/[\w-]+\.conf$/,
			/^\/etc\/systemd\/timesyncd\.conf\.d\/[\w-]+\.conf$/,
			/^\/etc\/chrony\/sources\.d\/[\w-]+\.sources$/,
			cloudInit,
			// They can only set the owner of a network link.
			/^\/etc\/systemd\/networkd\.conf\.d\/[\w-]+\.conf$/,
			/^\/etc\/systemd\/network\/[\w-]+\.network(?:\.d\/[\w-]+\.conf)?$/,
			/^\/etc\/NetworkManager\/conf\.d\/[\w-]+\.conf$/,
			needrestart,

			aptSettings,
			// Sets up one device by name; a file of its kind runs nothing.
			paths.overlayLink,
		],
	},
	registries: { places: [] },
	address: { places: [] },
	// The hash of an authority that the seed has made.
	token: { places: [], late: true },
	seed: { places: configuration },
	join: { places: configuration },
	// The time of the restore, which its first phase prints.
	restore: { places: configuration, late: true, partly: true },
	// The digest of the keys, which its first phase prints.
	encryption: { places: [], late: true },
	converge: { places: configuration },
	ingress: { places: [] },
};

export function liesIn(places: readonly Place[], path: string): boolean {
	return places.some((place) => (typeof place === "string" ? place === path : place.test(path)));
}

/** One word of a command line, as components/cluster/scripts.ts writes it. */
const word = String.raw`(?:[\w@%+=:,./-]+|'[^']*'(?:\\''[^']*')*)`;

const commandLines = new Map(
	nodeSteps.map((step) => {
		const script = step === "toolkit" ? "bash -s" : `${paths.toolkit}/${step}\\.sh(?: ${word})+`;
		return [step, new RegExp(`^sudo -n timeout --kill-after=\\d+ \\d+ ${script}$`)];
	}),
);
const localCommandLine = new RegExp(`^bash -s --(?: ${word})+$`);

/** The command line of a step on a node: one script of the toolkit, or the toolkit's own, under a time limit. */
export function isCommandLine(text: string, step: NodeStep): boolean {
	return commandLines.get(step)!.test(text);
}

/** The command line of a script on the machine that runs the program. */
export function isLocalCommandLine(text: string): boolean {
	return localCommandLine.test(text);
}
