/** Every command with its parameters and its purpose. `--help` and docs/commands.md derive from this list. */

import { questionNames, questions } from "../init/questions.ts";

export interface CommandDescription {
	/** Text after `npm run <name> -- `; empty for a command without parameters. */
	parameters: string;
	/** One sentence. */
	does: string;
	/** Meaning of each parameter, by its name. */
	options?: Readonly<Record<string, string>>;
	/** Meaning of the exit code 1. */
	refuses: string;
	/** Meaning of further exit codes. */
	exits?: Readonly<Record<number, string>>;
}

const json =
	"writes the result as JSON to FILE, or to standard output when FILE is -; the text for people then goes to standard error";
const stackFile = "stack file; default Pulumi.lab.yaml";
const stackOption = { "--stack FILE": stackFile };

export const catalogue = {
	init: {
		parameters: "[--force] [--json FILE] [--ANSWER VALUE ...]",
		does: "Asks what a stack needs, reads from Proxmox what it can, and writes a commented stack file, Pulumi.NAME.yaml, without a secret. Without a terminal each answer is a flag. With PROXMOX_API_TOKEN, or a token that is typed in hidden, it reads hosts, storages, bridges, GPUs and VM ids.",
		options: {
			...Object.fromEntries(
				questionNames.map((name) => [`--${name} ${questions[name].placeholder}`, questions[name].is]),
			),
			"--force":
				"writes a file that exists anew; its encryption, its encrypted secrets and the settings of other packages stay",
			"--json FILE": json,
		},
		refuses: "the stack file would have a mistake; nothing is written",
	},
	check: {
		parameters: "[--json FILE] [FILE]",
		does: "Reports every mistake and every warning of a stack file, without Pulumi, credentials or a network.",
		options: { FILE: stackFile, "--json FILE": json },
		refuses: "the stack file has a mistake",
	},
	"proxmox:access": {
		parameters: "[--json FILE] [FILE]",
		does: "Prints a script that creates the Proxmox token for a stack file. The script contains no secret.",
		options: { FILE: stackFile, "--json FILE": json },
		refuses: "the stack file has a mistake",
	},
	doctor: {
		parameters: "[--json FILE] [FILE]",
		does: "Examines from this workstation what a first `up` needs: programs, DNS, certificate, token and each privilege, hosts, storages, mappings, bridges, VM ids, downloads, addresses. It changes nothing. The token comes from PROXMOX_API_TOKEN, or from the stack by Pulumi.",
		options: { FILE: stackFile, "--json FILE": json },
		refuses: "a first `up` would fail, or the stack file has a mistake",
	},
	reach: {
		parameters: "[--json FILE] [STACK]",
		does: "Records new host keys, another address, user, SSH key or bastion for the nodes, so that `up` reaches them. On the nodes it logs in, and replaces the SSH key of the program.",
		options: { STACK: "name of the stack; default lab", "--json FILE": json },
		refuses: "a login on a node fails; then nothing is recorded",
	},
	drift: {
		parameters: "[--record] [--json FILE] [STACK]",
		does: "Compares the files on the nodes with those that the program wrote there, by their contents, modes and owners. It changes nothing on a node, and prints no value that may be a secret.",
		options: {
			STACK: "name of the stack; default lab",
			"--record": "marks in the state what differs, so that the next `up` writes it again, one node at a time",
			"--json FILE": json,
		},
		refuses: "a file differs and `--record` is missing, or the files of a node cannot be read",
	},
	docs: {
		parameters: "[--json FILE]",
		does: "Writes the reference and the editor's schema, the table of privileges, the pages of commands and policies, and the two CIS profiles.",
		options: { "--json FILE": json },
		refuses: "never",
	},
	"charts:check": {
		parameters: "[--helm PATH] [--add-digests] [--json FILE] [FILE]",
		does: "Renders the published charts with the values of the program, and compares their digests with the stack file.",
		options: {
			FILE: stackFile,
			"--helm PATH": "path of Helm; default: the one on PATH",
			"--add-digests": "adds the digests of the published charts to the stack file",
			"--json FILE": json,
		},
		refuses: "a chart does not fit, or cannot be downloaded",
	},
	pins: {
		parameters: "[--offline] [--json FILE] [--mirror URL] [FILE]",
		does: "Lists every version and constant from upstream with its source, and the current value upstream.",
		options: {
			FILE: "a further stack file, whose versions are listed as well",
			"--offline": "makes no request",
			"--json FILE": "writes the list with the state of each pin as JSON; - is standard output",
			"--mirror URL": "fetches https://HOST/PATH from URL/HOST/PATH; npm and Go use their own settings",
		},
		refuses: "upstream has changed a constant. A newer version or an unreachable upstream is no failure",
	},
	"preview:proposal": {
		parameters: "--commit SHA [--stack NAME] [--json FILE]",
		does: "Takes only the stack file from a proposed commit.",
		options: {
			"--commit SHA": "the proposed commit",
			"--stack NAME": "name in Pulumi.NAME.yaml; default lab",
			"--json FILE": json,
		},
		refuses: "the proposal changes more than the stack file may",
	},
	"policy:check": {
		parameters: "[--json FILE] [FILE ...]",
		does: "Reports every mistake of policy configurations; without a file, of the profiles of the pack.",
		options: { "FILE ...": "policy configurations in the form that Pulumi reads", "--json FILE": json },
		refuses: "a configuration has a mistake, or an exception in it has expired",
	},
	"policy:mutate": {
		parameters: "[--all] [--seed NUMBER] [--json FILE] [--stack FILE]",
		does: "Breaks the stack in one place for each example of a policy, then in the places of a sample of generated changes, and checks that a policy reports each.",
		options: {
			"--all": "judge every generated change, which takes minutes, instead of a sample of 500",
			"--seed NUMBER": "take other values and another sample; a run prints its seed, and repeats another one's by it",
			"--stack FILE":
				"the stack file; without it, the examples change Pulumi.lab.yaml, and the generators also the files in examples",
			"--json FILE": json,
		},
		refuses: "no policy reports a change, and the list of harmless places does not have it",
	},
	"policy:record": {
		parameters: "[--try N | --each-key] [--seed S] [--json FILE]",
		does: "Writes the record of known resources from what the program declares with every feature on and off, or tries it on other stack files.",
		options: {
			"--try N": "write nothing, and evaluate N random stack files that the check accepts",
			"--each-key": "write nothing, and evaluate stack files in which one key is absent or has another value",
			"--seed S": "number of the first of them; default: 1",
			"--json FILE": json,
		},
		refuses:
			"a stack file of compliance/record/switches.ts is refused by the check, or the record refuses a stack file that the check accepts",
	},
	"policy:defaults": {
		parameters: "[--json FILE]",
		does: "Writes the inputs that the engine and the plugins add, from previews by Pulumi as the rehearsal sets it up.",
		options: { "--json FILE": json },
		refuses: "Pulumi refuses a stack file",
	},
	"policy:charts": {
		parameters: "[--charts DIR] [--helm PATH] [--json FILE] [--stack FILE]",
		does: "Evaluates the rules about Kubernetes objects on the rendered charts.",
		options: {
			...stackOption,
			"--charts DIR": "directory with packages to use instead of the published ones",
			"--helm PATH": "path of Helm; default: the one on PATH",
			"--json FILE": json,
		},
		refuses: "a chart has a deviation that is not listed, or cannot be rendered",
	},
	compliance: {
		parameters: "--out DIR [--stack FILE] [--profile NAME] [--live FILE] [--json FILE]",
		does: "Writes the assessment of every control of the benchmark with its evidence, as Markdown, HTML and JSON.",
		options: {
			"--out DIR": "directory for the result; created when it does not exist",
			...stackOption,
			"--profile NAME": "cis-level-1, cis-level-2 or lab; default lab",
			"--live FILE": "output of compliance/live/check-node.sh on the nodes",
			"--json FILE": json,
		},
		refuses: "a control fails or had nothing to evaluate, or a mandatory rule is violated",
	},
	review: {
		parameters:
			"(--base REF [--install] | --base-recording FILE | --record FILE) [--charts DIR [--download] [--helm PATH]] [--stack NAME ...] [--json FILE] [--markdown FILE] [--html FILE]",
		does: "Compares what this tree wants of each cluster with what the commit REF wants: without credentials, a network or Pulumi.",
		options: {
			"--base REF": "the commit to compare with, such as origin/main",
			"--install":
				"installs the packages of REF in a temporary directory if its package-lock.json differs, by npm ci --ignore-scripts, for which it needs the registry",
			"--base-recording FILE": "a recording to compare with instead",
			"--record FILE": "writes a recording of this tree, and compares nothing",
			"--charts DIR":
				"compares the objects inside the charts as well, as Helm renders them from the packages in DIR, which helm pull makes",
			"--download": "downloads the packages that DIR lacks, for which it needs the charts' repositories",
			"--helm PATH": "path of Helm; default: the one on PATH",
			"--stack NAME": "name in Pulumi.NAME.yaml; default: every one in the two trees",
			"--json FILE": `${json}; docs/review.schema.json is its schema`,
			"--markdown FILE": "writes the review as a comment for a pull request, below 65,536 characters, beside the text",
			"--html FILE":
				"writes the review as one page for a change board, with the topology, every control and fields to fill in",
		},
		refuses: "a tree cannot be recorded",
		exits: { 3: "the change is disruptive", 4: "the program, Pulumi or the policy pack would refuse the change" },
	},
	bench: {
		parameters: "[--json FILE] [--runs N]",
		does: "Measures the rehearsal on this machine.",
		options: { "--json FILE": json, "--runs N": "number of runs for the median; default 3" },
		refuses: "the rehearsal fails",
	},
	"bench:life-cycle": {
		parameters: "[--json FILE] [--runs N]",
		does: "Measures a first `up`, a rollout and a restore in the rehearsal, by the time of their own steps.",
		options: { "--json FILE": json, "--runs N": "number of runs for the median; default 3" },
		refuses: "an `up` fails",
	},
	"bench:check": {
		parameters: "[--json FILE] [--runs N]",
		does: "Measures how long a check of stack files of 8 to 800 nodes takes on this machine.",
		options: { "--json FILE": json, "--runs N": "number of runs for the median; default 3" },
		refuses: "the check finds a mistake in a generated stack file",
	},
	"bench:review": {
		parameters: "[--json FILE] [--runs N]",
		does: "Measures how long a review of stacks of 8 to 800 nodes takes on this machine, and its memory.",
		options: { "--runs N": "number of runs for the median; default 3", "--json FILE": json },
		refuses: "a review fails",
	},
	"bench:policies": {
		parameters: "[--json FILE] [--runs N]",
		does: "Measures the cost of the policy pack on this machine.",
		options: { "--json FILE": json, "--runs N": "number of runs for the median; default 3" },
		refuses: "a preview fails",
	},
} as const satisfies Record<string, CommandDescription>;

export type CommandName = keyof typeof catalogue;

/** e.g. `npm run check -- [FILE]` */
export function usageOf(name: CommandName): string {
	const { parameters } = catalogue[name];
	return `npm run ${name}${parameters && ` -- ${parameters}`}`;
}

/** Output of `--help`. */
export function helpOf(name: CommandName): string {
	const { does, options = {}, refuses, exits = {} }: CommandDescription = catalogue[name];
	const width = Math.max(0, ...Object.keys(options).map((option) => option.length));
	return [
		`Usage: ${usageOf(name)}`,
		does,
		...Object.entries(options).map(([option, text]) => `  ${option.padEnd(width)}  ${text}`),
		`Exit codes: 0: success. 1: ${refuses === "never" ? "the command failed because of a fault in the program" : refuses}. 2: wrong arguments, or a file that cannot be read or written.${further(exits)}`,
	].join("\n");
}

function further(exits: Readonly<Record<number, string>>): string {
	return Object.entries(exits)
		.map(([code, meaning]) => ` ${code}: ${meaning}.`)
		.join("");
}

/** docs/commands.md */
export function commandsPage(): string {
	return [
		"# Commands",
		"",
		"Written by `npm run docs` from `src/commands/catalogue.ts`; a test fails when it is out of date. Every command takes",
		"`--help` and `--json`, and refuses an unknown option. At a terminal, a command that takes longer than two seconds says what it does.",
		"",
		"| Exit code | Meaning |",
		"|---|---|",
		"| 0 | success |",
		"| 1 | the command found something wrong |",
		"| 2 | wrong arguments, or a file that cannot be read or written |",
		"| 3, 4 | only of `npm run review`: the change is disruptive, or forbidden |",
		"",
		...(Object.keys(catalogue) as CommandName[]).flatMap((name) => {
			const { does, options = {}, refuses, exits = {} }: CommandDescription = catalogue[name];
			return [
				`## ${usageOf(name)}`,
				"",
				does + (refuses === "never" ? "" : ` Exit code 1: ${refuses}.${further(exits)}`),
				"",
				...Object.entries(options).map(([option, text]) => `- \`${option}\`: ${text}`),
				...(Object.keys(options).length > 0 ? [""] : []),
			];
		}),
		"## npm run rehearse",
		"",
		"`npm run rehearse -- --help` lists its parts. Exit code 1 means that a check failed, and 2 that the arguments are wrong or",
		"that the machine cannot run it.",
		"",
	].join("\n");
}
