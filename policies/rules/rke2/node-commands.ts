import {
	hostKeyName,
	isHostKeyName,
	isKubeconfigName,
	kubeconfigName,
	type NodeStep,
	nodeStepOf,
	nodeSteps,
} from "../../../src/facts/resource-names.ts";
import { editFiles, serverNodes } from "../../lib/examples/nodes.ts";
import { addResource, editResource } from "../../lib/examples/resources.ts";
import { whenKnown } from "../../lib/reading/known.ts";
import { bundleOf, localCommand, remoteCommand } from "../../lib/rke2/files.ts";
import {
	aptSettings,
	cloudInit,
	environment,
	isCommandLine,
	isLocalCommandLine,
	liesIn,
	type NodeCommand,
	needrestart,
	nodeCommands,
} from "../../lib/rke2/node-commands.ts";
import { signedAddresses } from "../../lib/rke2/signed-addresses.ts";
import type { Resource } from "../../lib/rules/resource.ts";
import type { Report, ResourceRule } from "../../lib/rules/rule.ts";

/** Packages whose resources run a command or copy a file where no rule sees it. */
const running = /^(?:command|pulumi-nodejs):/;

/** The inputs that rules read. Another command line for updates or for deletion would escape them. */
const inputs = ["connection", "create", "stdin", "logging", "addPreviousOutputInEnv"];

/** Files that can run commands as well as set values; each may have one content. */
const fixed: readonly { file: RegExp; reader: string; content: string }[] = [
	{ file: cloudInit, reader: "cloud-init", content: "ssh_deletekeys: false\n" },
	{
		file: needrestart,
		reader: "needrestart",
		content: "$nrconf{override_rc}->{qr(^rke2-(server|agent)\\.service$)} = 0;\n",
	},
];

/** Kernels that unattended-upgrades does not update. No other package may be listed: it would get no security updates. */
const heldKernels = /^\n?$|^Unattended-Upgrade::Package-Blacklist \{\n(?:\t"linux-[a-z]+";\n)+\};\n$/;

const proxyVariables = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"];

/**
 * The rules about RKE2's configuration rest on this one: they read the files that commands carry. The scripts themselves are
 * the program's own code, and no rule evaluates them.
 */
export const rke2NodeCommands: ResourceRule = {
	name: "rke2-node-commands",
	description: "Only the program's own scripts reach a node, and they carry only files that the rules know.",
	severity: "critical",
	controls: [],
	foundation: true,
	frameworks: { cisControls: ["2.5", "4.1"], iso27001: ["A.8.9", "A.8.19"], nist80053: ["CM-2", "CM-6", "CM-7"] },
	remediation:
		"Use `config.yaml` or a script of src/rke2/scripts; list a new file in policies/lib/rke2/node-commands.ts once a rule reads it.",
	subject: { plural: "commands", isDeclaredBy: ({ type }) => running.test(type) },
	examples: [
		{
			change: "another command line for updates",
			apply: editResource(remoteCommand, "proj-k8sw01-prepare", (props) => ({
				...props,
				update: "curl -sfL https://get.rke2.io | sh",
			})),
			sentence:
				"proj-k8sw01-prepare has update, which the policy pack cannot check; allowed are connection, create, stdin, logging, addPreviousOutputInEnv.",
		},
		{
			change: "a file that is copied to a node",
			apply: addResource("command:remote:CopyToRemote", "proj-k8sm01-drop-in", {
				connection: { host: "10.25.20.4" },
				source: { path: "anonymous.yaml" },
				remotePath: "/etc/rancher/rke2/config.yaml.d/99.yaml",
			}),
			sentence:
				"proj-k8sm01-drop-in is a command:remote:CopyToRemote, which runs a command or copies a file where no rule sees it; remove it.",
		},
		{
			change: "another configuration file by the environment of RKE2's unit",
			apply: editFiles(
				serverNodes,
				/(file \/etc\/default\/rke2-server .*\n)/,
				"$1| RKE2_CONFIG_FILE=/etc/other.yaml\n",
			),
			sentence:
				"proj-k8sm01-converge sets another variable than a proxy's in /etc/default/rke2-server; allowed are HTTP_PROXY, HTTPS_PROXY, NO_PROXY.",
		},
	],

	checkResource(resource, report) {
		const { type } = resource;
		if (type === remoteCommand) {
			checkRemote(resource, report);
		} else if (type === localCommand) {
			checkLocal(resource, report);
		} else if (running.test(type)) {
			report(`${resource.name} is a ${type}, which runs a command or copies a file where no rule sees it; remove it.`);
		}
	},
};

function checkRemote(resource: Resource, report: Report): void {
	const { name } = resource;
	const step = nodeStepOf(name);
	if (step === undefined) {
		report(
			`${name} is not one of the program's own commands; allowed are names of a node or the cluster that end in ${nodeSteps.join(", ")}.`,
		);
		return;
	}
	const command = nodeCommands[step];
	checkInputs(resource, report);
	if (
		!(command.late && whenKnown(() => [resource.props.create]) === undefined) &&
		!isCommandLine(String(resource.props.create), step)
	) {
		const own = step === "toolkit" ? "bash -s" : `the toolkit's ${step}.sh`;
		report(`${name} runs another command than ${own} under a time limit; the only allowed one is that.`);
	}
	if (command.places.length > 0) {
		checkFiles(resource, step, command, report);
	}
}

/** Before a restore from the S3 store, this step of it downloads the snapshot. */
const checkOfRestore = "check-restore";

function checkFiles(resource: Resource, step: NodeStep, { places, partly }: NodeCommand, report: Report): void {
	const { name, props } = resource;
	if (partly && props.stdin === undefined) {
		return;
	}
	if (name.endsWith(`-${checkOfRestore}`) && signedAddresses(String(props.stdin))) {
		return;
	}
	if (step !== "toolkit" && !String(props.stdin).startsWith("file /")) {
		report(`${name} sends other input than files; send files only.`);
		return;
	}
	for (const { path, content } of bundleOf(resource)) {
		if (!liesIn(places, path)) {
			report(
				`${name} sends ${path}, which the policy pack cannot check; allowed are the files of policies/lib/rke2/node-commands.ts.`,
			);
		} else if (environment.test(path) && !content.trimEnd().split("\n").every(isProxyVariable)) {
			report(`${name} sets another variable than a proxy's in ${path}; allowed are ${proxyVariables.join(", ")}.`);
		} else if (aptSettings.test(path) && !heldKernels.test(content)) {
			report(
				`${name} has other settings for apt in ${path} than the kernels that unattended-upgrades does not update; remove them.`,
			);
		}
		for (const { reader, content: allowed } of fixed.filter(({ file }) => file.test(path))) {
			if (content !== allowed) {
				report(`${name} has other settings for ${reader} in ${path} than "${allowed.trim()}"; remove them.`);
			}
		}
	}
}

/** A line that ends in a backslash continues in the next one. */
function isProxyVariable(line: string): boolean {
	return line === "" || (proxyVariables.some((name) => line.startsWith(`${name}=`)) && !line.endsWith("\\"));
}

function checkLocal(resource: Resource, report: Report): void {
	const { name, props } = resource;
	if (!isHostKeyName(name) && !isKubeconfigName(name)) {
		const allowed = [hostKeyName("<node>"), kubeconfigName("<cluster>")];
		report(`${name} is a local command of another name; allowed are ${allowed.join(" and ")}.`);
		return;
	}
	checkInputs(resource, report);
	if (!isLocalCommandLine(String(props.create))) {
		report(`${name} runs another command than bash -s; the only allowed one is that.`);
	}
}

function checkInputs({ name, props }: Resource, report: Report): void {
	const others = Object.keys(props).filter((key) => !inputs.includes(key));
	if (others.length > 0) {
		report(`${name} has ${others.join(", ")}, which the policy pack cannot check; allowed are ${inputs.join(", ")}.`);
	}
}
