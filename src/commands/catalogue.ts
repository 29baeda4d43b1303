/** Every command: how it is called, and what it does. `--help` and docs/commands.md are made of this. */

export interface CommandDescription {
	/** What follows `npm run <name> -- `; empty for a command that takes nothing. */
	parameters: string;
	/** One sentence. */
	does: string;
	/** What each parameter is, by its name. */
	options?: Readonly<Record<string, string>>;
	/** What 1 as exit code means here. */
	refuses: string;
}

const json =
	"writes the result for machines to FILE, or to standard output where FILE is -; people then read standard error";
const stackFile = "stack file; Pulumi.lab.yaml unless it is given";
const stackOption = { "--stack FILE": stackFile };

export const catalogue = {
	check: {
		parameters: "[--json FILE] [FILE]",
		does: "Says every mistake of a stack file, and what it had better not say, without Pulumi, credentials or a network.",
		options: { FILE: stackFile, "--json FILE": json },
		refuses: "the stack file has a mistake",
	},
	"proxmox:access": {
		parameters: "[FILE]",
		does: "Prints a script that makes the Proxmox token which a stack file needs. It holds no secret.",
		options: { FILE: stackFile },
		refuses: "the stack file has a mistake",
	},
	reach: {
		parameters: "[STACK]",
		does: "Has `up` reach the nodes by other host keys, as another user or with another SSH key, and runs nothing there but a login.",
		options: { STACK: "name of the stack; lab unless it is given" },
		refuses: "a node does not let the program in; then nothing is recorded",
	},
	docs: {
		parameters: "",
		does: "Writes the reference and the editor's schema, the table of privileges, the pages of commands and policies, and the two CIS profiles.",
		refuses: "never",
	},
	"charts:check": {
		parameters: "[--helm PATH] [--add-digests] [FILE]",
		does: "Renders the published charts with our values, and compares their digests with the stack file.",
		options: {
			FILE: stackFile,
			"--helm PATH": "Helm to use; the one on PATH unless it is given",
			"--add-digests": "adds the digests of the published charts to the stack file",
		},
		refuses: "a chart does not fit, or could not be reached",
	},
	pins: {
		parameters: "[--offline] [--json FILE] [--mirror URL] [FILE]",
		does: "Lists what the project takes from upstream, where upstream says it, and what upstream has now.",
		options: {
			FILE: "another stack file, whose versions are listed beside those of the project's",
			"--offline": "asks nobody",
			"--json FILE": "writes the list for machines, with the state of each pin; - is standard output",
			"--mirror URL": "fetches https://HOST/PATH from URL/HOST/PATH; npm and Go keep to their own settings",
		},
		refuses: "upstream has changed a constant; a newer version, or an upstream that cannot be asked, does not",
	},
	"preview:proposal": {
		parameters: "--commit SHA [--stack NAME]",
		does: "Takes the stack file, and nothing else, from a proposed commit.",
		options: {
			"--commit SHA": "the commit that is proposed",
			"--stack NAME": "names Pulumi.NAME.yaml; lab unless it is given",
		},
		refuses: "the proposal changes more than the stack file may",
	},
	"policy:check": {
		parameters: "[--json FILE] [FILE ...]",
		does: "Says every mistake of policy configurations; of the pack's own profiles where none is given.",
		options: { "FILE ...": "policy configurations, as Pulumi reads them", "--json FILE": json },
		refuses: "a configuration has a mistake, or an exception in it has expired",
	},
	"policy:mutate": {
		parameters: "[--json FILE] [--stack FILE]",
		does: "Breaks the stack in one place per policy, and asks that this policy alone notices.",
		options: { ...stackOption, "--json FILE": json },
		refuses: "a change goes unnoticed, or a policy has no change of its own",
	},
	"policy:charts": {
		parameters: "[--charts DIR] [--helm PATH] [--stack FILE]",
		does: "Puts the rules about Kubernetes objects to what the charts render.",
		options: {
			...stackOption,
			"--charts DIR": "packages to use instead of the published ones",
			"--helm PATH": "Helm to use; the one on PATH unless it is given",
		},
		refuses: "a chart deviates in a way that is not listed, or could not be rendered",
	},
	compliance: {
		parameters: "--out DIR [--stack FILE] [--profile NAME] [--live FILE]",
		does: "Writes what holds of every control of the benchmark, with its evidence, as Markdown, HTML and JSON.",
		options: {
			"--out DIR": "where to write; made where it is not there",
			...stackOption,
			"--profile NAME": "cis-level-1, cis-level-2 or lab, which is used unless it is given",
			"--live FILE": "what compliance/live/check-node.sh printed on the nodes",
		},
		refuses: "a control fails or saw nothing to judge, or a mandatory rule is violated",
	},
	bench: {
		parameters: "[--runs N]",
		does: "Measures the rehearsal on this machine.",
		options: { "--runs N": "how many runs the median is of; 3 unless it is given" },
		refuses: "the rehearsal fails",
	},
	"bench:check": {
		parameters: "[--runs N]",
		does: "Measures how long a check of stack files of 8 to 800 nodes takes on this machine.",
		options: { "--runs N": "how many runs the median is of; 3 unless it is given" },
		refuses: "the check finds a mistake in a file that it was given",
	},
	"bench:policies": {
		parameters: "[--runs N]",
		does: "Measures what the policy pack costs on this machine.",
		options: { "--runs N": "how many runs the median is of; 3 unless it is given" },
		refuses: "a preview fails",
	},
} as const satisfies Record<string, CommandDescription>;

export type CommandName = keyof typeof catalogue;

/** e.g. `npm run check -- [FILE]` */
export function usageOf(name: CommandName): string {
	const { parameters } = catalogue[name];
	return `npm run ${name}${parameters && ` -- ${parameters}`}`;
}

/** What `--help` prints. */
export function helpOf(name: CommandName): string {
	const { does, options = {}, refuses }: CommandDescription = catalogue[name];
	const width = Math.max(0, ...Object.keys(options).map((option) => option.length));
	return [
		`Usage: ${usageOf(name)}`,
		does,
		...Object.entries(options).map(([option, text]) => `  ${option.padEnd(width)}  ${text}`),
		`Ends with 0 where all is well, with 1 where ${refuses === "never" ? "the command itself is broken" : refuses}, with 2 where it is called wrongly or a file cannot be read or written.`,
	].join("\n");
}

/** docs/commands.md */
export function commandsPage(): string {
	return [
		"# Commands",
		"",
		"Written by `npm run docs` from `src/commands/catalogue.ts`; a test fails when it is out of date. Every command takes",
		"`--help`, and refuses an option that it does not know.",
		"",
		"| Exit code | Meaning |",
		"|---|---|",
		"| 0 | all is well |",
		"| 1 | something is wrong with what the command looked at |",
		"| 2 | the command is called wrongly, or a file cannot be read or written |",
		"",
		...(Object.keys(catalogue) as CommandName[]).flatMap((name) => {
			const { does, options = {}, refuses }: CommandDescription = catalogue[name];
			return [
				`## ${usageOf(name)}`,
				"",
				does + (refuses === "never" ? "" : ` Ends with 1 where ${refuses}.`),
				"",
				...Object.entries(options).map(([option, text]) => `- \`${option}\`: ${text}`),
				...(Object.keys(options).length > 0 ? [""] : []),
			];
		}),
		"## npm run rehearse",
		"",
		"`npm run rehearse -- --help` lists its parts. It ends with 1 where anything is not as it should be, and with 2 where it is",
		"called wrongly or the machine cannot run it.",
		"",
	].join("\n");
}
