import { editResource } from "../../lib/examples/resources.ts";
import { whenKnown } from "../../lib/reading/known.ts";
import { type StepCommand, stepCommandOf } from "../../lib/rke2/command-lines.ts";
import { remoteCommand } from "../../lib/rke2/files.ts";
import type { Resource } from "../../lib/rules/resource.ts";
import type { StackRule } from "../../lib/rules/rule.ts";
import { machineOf, rolesOf } from "../../lib/vm/machines.ts";

type Say = (message: string, culprit: Resource) => void;

/** Parts of a connection, with their names for a sentence. */
const parts = {
	host: "host",
	port: "port",
	user: "user",
	hostKey: "host key",
	privateKey: "SSH key",
	proxy: "bastion",
};

/** Arguments that the stack file gives once, by the script that gets them: the position of each after the name of the node. */
const shared: Readonly<Record<string, Readonly<Record<string, number>>>> = {
	"release of RKE2": { preflight: 3, prepare: 2, converge: 2 },
	"address of the release": { preflight: 4, prepare: 3 },
	"digest of the release": { prepare: 4 },
	"proxy for the release": { preflight: 8, prepare: 7 },
	"exceptions to the proxy": { preflight: 9, prepare: 8 },
	"findings that the preflight accepts": { preflight: 6 },
	"hash of the authority": { token: 2 },
	"mark of the agent token": { converge: 8 },
	"mark of registries.yaml": { converge: 9 },
};

/** Arguments that only servers get. */
const sharedByServers: typeof shared = {
	"demand on the S3 store": { token: 4, converge: 10 },
};

/** Steps whose second argument is the role of the node. */
const withRole: ReadonlySet<string> = new Set(["prepare", "token", "join", "converge"]);

/** The component of the cluster itself, whose seed is on one of the servers. */
const ofCluster = /^cluster-/;

/**
 * The record of known resources knows the form of a connection and of an argument. The stack file gives each of them once, for one
 * machine or for all, so that another one in a single command comes from somewhere else: it would send a token to another machine, or
 * another program to one node.
 */
export const rke2EqualCommands: StackRule = {
	name: "rke2-equal-commands",
	description:
		"All commands of a node reach one machine of the stack, and what the stack file gives once is the same in all commands.",
	severity: "critical",
	controls: [],
	foundation: true,
	frameworks: { cisControls: ["4.1"], iso27001: ["A.5.17", "A.8.9"], nist80053: ["CM-2", "IA-5", "SC-8"] },
	remediation:
		"Render the argument from the stack file. After a change of address, user, SSH key, host key or bastion, `npm run reach` records it for all commands.",
	subject: { plural: "commands on nodes", isDeclaredBy: ({ type }) => type === remoteCommand },
	examples: [
		{
			change: "another release of RKE2 for one worker",
			apply: editResource(remoteCommand, "proj-k8sw01-prepare", (props) => ({
				...props,
				create: String(props.create).replace("https://github.com", "https://mallory.example"),
			})),
			sentence:
				"proj-k8sm01-preflight and proj-k8sw01-prepare differ in the address of the release; take it from the stack file for both.",
		},
		{
			change: "a worker that joins as a server",
			apply: editResource(remoteCommand, "proj-k8sw01-join", (props) => ({
				...props,
				create: String(props.create).replace("proj-k8sw01 agent", "proj-k8sw01 server"),
			})),
			sentence: "proj-k8sw01-join has the role server; the machine proj-k8sw01 is tagged as agent.",
		},
	],

	checkStack(resources, report) {
		const machines = new Map(
			resources.flatMap((resource) => {
				const machine = machineOf(resource);
				const [role] = machine ? rolesOf(machine) : [];
				return machine ? [[resource.name, role && (role === "worker" ? "agent" : "server")] as const] : [];
			}),
		);
		const commands = resources.flatMap((resource) => stepCommandOf(resource) ?? []);
		const byMachine = Map.groupBy(commands, ({ owner }) => machineNamed(owner, machines));
		for (const [machine, own] of byMachine) {
			if (machine === undefined) {
				checkOthers(own, byMachine, report);
			} else {
				compareConnections(machine, own, report);
				checkNames(machine, own, machines.get(machine), report);
			}
		}
		refuseOneMachineForTwo(byMachine, report);
		compareArguments(shared, commands, report);
		const ofServers = commands.filter(({ args }) => args[1] === "server");
		compareArguments(sharedByServers, ofServers, report);
		compareInputs(commands, report);
	},
};

/** A restore and a rotation have the names of a snapshot and a key behind that of the machine. */
function machineNamed(owner: string, machines: ReadonlyMap<string, unknown>): string | undefined {
	const names = [...machines.keys()].filter((name) => owner === name || owner.startsWith(`${name}-`));
	return names.sort((a, b) => b.length - a.length)[0];
}

function partOf({ resource }: StepCommand, part: keyof typeof parts): string | undefined {
	return whenKnown(() => JSON.stringify((resource.props.connection as Record<string, unknown>)?.[part] ?? null));
}

function placeOf(command: StepCommand): string | undefined {
	const [host, port] = [partOf(command, "host"), partOf(command, "port")];
	return host && port && `${host} ${port}`;
}

/** A restore and a rotation are done once: after them the machine may have been made anew, with another host key. */
function compareConnections(machine: string, own: readonly StepCommand[], say: Say): void {
	for (const part of Object.keys(parts) as (keyof typeof parts)[]) {
		const compared = part === "hostKey" ? own.filter(({ owner }) => owner === machine) : own;
		const known = compared.filter((command) => partOf(command, part) !== undefined);
		for (const command of known.slice(1)) {
			if (partOf(command, part) !== partOf(known[0]!, part)) {
				say(
					`${known[0]!.resource.name} and ${command.resource.name} differ in their ${parts[part]}; make them equal, or run \`npm run reach\` after a change of the stack file.`,
					command.resource,
				);
			}
		}
	}
}

function checkNames(machine: string, own: readonly StepCommand[], role: string | undefined, say: Say): void {
	for (const { resource, step, args } of own) {
		const stdin = step === "token" && role === "agent" ? whenKnown(() => resource.props.stdin) : undefined;
		if (typeof stdin === "string" && stdin.includes("\n")) {
			say(`${resource.name} has more than the agent token; a worker gets no token of a server.`, resource);
		}
		const [node, second] = args;
		if (node !== undefined && node !== machine) {
			say(`${resource.name} is about the node ${node}; the only one allowed is ${machine}.`, resource);
		}
		if (withRole.has(step) && role !== undefined && second !== undefined && second !== role) {
			say(`${resource.name} has the role ${second}; the machine ${machine} is tagged as ${role}.`, resource);
		}
	}
}

/** The seed and the rotation of the keys. A seed keeps the connection to its server, which may be gone. */
function checkOthers(
	others: readonly StepCommand[],
	byMachine: ReadonlyMap<string | undefined, readonly StepCommand[]>,
	say: Say,
): void {
	const places = new Map(
		[...byMachine].flatMap(([name, own]) => (name === undefined ? [] : [[name, placeOf(own[0]!)] as const])),
	);
	for (const command of others) {
		const { resource, args, owner, isPast } = command;
		const place = placeOf(command);
		const wanted = places.has(args[0] ?? "") ? [places.get(args[0]!)] : isPast ? undefined : [...places.values()];
		if (!ofCluster.test(`${owner}-`)) {
			say(`${resource.name} belongs to no machine of the stack; begin its name with that of the machine.`, resource);
		} else if (place !== undefined && wanted && !wanted.includes(undefined) && !wanted.includes(place)) {
			say(
				`${resource.name} reaches another machine than ${args[0] ?? "one of the stack"}; make its connection equal.`,
				resource,
			);
		}
	}
}

function refuseOneMachineForTwo(byMachine: ReadonlyMap<string | undefined, readonly StepCommand[]>, say: Say): void {
	const known = new Map<string, string>();
	for (const [name, [command]] of byMachine) {
		const place = name === undefined ? undefined : placeOf(command!);
		const other = place === undefined ? undefined : known.get(place);
		if (other !== undefined) {
			say(`The commands of ${other} and of ${name} reach one machine; give each its own address.`, command!.resource);
		} else if (place !== undefined) {
			known.set(place, name!);
		}
	}
}

function compareArguments(given: typeof shared, commands: readonly StepCommand[], say: Say): void {
	for (const [what, positions] of Object.entries(given)) {
		const uses = commands.flatMap((command) => {
			const position = positions[command.step];
			const isUnknown = command.args.length === 0;
			return position === undefined || command.isPast || isUnknown || ofCluster.test(`${command.owner}-`)
				? []
				: [{ ...command, value: command.args[position] ?? "" }];
		});
		compare(what, uses, say);
	}
}

/** The registries are those of all nodes. The agent token is that of all nodes, and the server token that of all servers. */
function compareInputs(commands: readonly StepCommand[], say: Say): void {
	const inputs = commands.flatMap(({ resource, step, isPast }) => {
		const stdin = isPast ? undefined : whenKnown(() => resource.props.stdin);
		return typeof stdin === "string" ? [{ resource, step, lines: stdin.split("\n") }] : [];
	});
	const tokens = inputs.filter(({ step }) => step === "token");
	compare(
		"image registries",
		inputs
			.filter(({ step }) => step === "registries")
			.map(({ resource, lines }) => ({ resource, value: lines.join("\n") })),
		say,
	);
	compare(
		"agent token",
		tokens.map(({ resource, lines }) => ({ resource, value: lines[0] })),
		say,
	);
	const servers = tokens.filter(({ lines }) => lines.length > 1);
	compare(
		"server token",
		servers.map(({ resource, lines }) => ({ resource, value: lines[1] })),
		say,
	);
	for (const { resource } of servers.filter(({ lines }) => lines[0] === lines[1])) {
		say(`${resource.name} has one token for servers and for agents; give each its own.`, resource);
	}
}

/** Each use with the first one, so that one other command is one violation. */
function compare(what: string, uses: readonly { resource: Resource; value: string | undefined }[], say: Say): void {
	for (const { resource, value } of uses.slice(1)) {
		if (value !== uses[0]!.value) {
			say(
				`${uses[0]!.resource.name} and ${resource.name} differ in the ${what}; take it from the stack file for both.`,
				resource,
			);
		}
	}
}
