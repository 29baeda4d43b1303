import { hostKeyName, isHostKeyName } from "../../../src/facts/resource-names.ts";
import { editResource } from "../../lib/examples/resources.ts";
import { whenKnown } from "../../lib/reading/known.ts";
import { shaped } from "../../lib/reading/shape.ts";
import { stepCommandOf } from "../../lib/rke2/command-lines.ts";
import { localCommand } from "../../lib/rke2/files.ts";
import type { Resource } from "../../lib/rules/resource.ts";
import type { StackRule } from "../../lib/rules/rule.ts";
import { type Machine, machineOf } from "../../lib/vm/machines.ts";

const provider = "pulumi:providers:proxmoxve";

/** The URL among the words of a command line, without the quotes of a shell. */
const address = /(?<=[ '])https?:\/\/[^\s']+/g;

/** Host and VM in the path of the request to the guest agent. */
const agent = /\/nodes\/(?<host>[^/]+)\/qemu\/(?<vmId>\d+)\/agent\//;

/** Node and address in the command line of src/rke2/scripts/host-key.sh and agent-host-key.sh. */
const subject = /^bash -s -- (?<node>\S+) (?<place>\S+) /;

/**
 * The command that learns a host key sends the token of Proxmox in a header of its request. The record of known resources knows the
 * form of the request; which host, machine and address stand in it, only the provider, the machine and the commands of the node say. With
 * the host key of another machine, every later command would go there.
 */
export const programHostKeyEndpoint: StackRule = {
	name: "program-host-key-endpoint",
	description:
		"A command that learns a host key asks the endpoint of the provider for its own machine, at the address of its own node.",
	severity: "critical",
	controls: [],
	foundation: true,
	frameworks: { cisControls: ["4.1", "12.6"], iso27001: ["A.5.17", "A.8.20"], nist80053: ["IA-5", "SC-8"] },
	remediation:
		"Take the address from `proxmox.endpoint`. After a change of that key, replace the command: `pulumi up --replace` with its URN reads the same host key again.",
	subject: {
		plural: "commands that learn a host key",
		isDeclaredBy: ({ type, name }) => type === localCommand && isHostKeyName(name),
	},
	examples: [
		{
			change: "a host key from a host that is not Proxmox",
			apply: editResource(localCommand, "proj-k8sw01-host-key", (props) => ({
				...props,
				create:
					"bash -s -- proj-k8sw01 10.25.20.7 600 'https://10.25.20.66:8006/api2/json/nodes/node01/qemu/107/agent/file-read?file=%2Fetc%2Fssh%2Fssh_host_ed25519_key.pub'",
			})),
			sentence:
				"proj-k8sw01-host-key sends the token of Proxmox to https://10.25.20.66:8006; allowed is https://10.16.207.61:8006, the endpoint of the provider.",
		},
		{
			change: "the host key of another node",
			apply: editResource(localCommand, "proj-k8sw01-host-key", (props) => ({
				...props,
				create: String(props.create).replace("proj-k8sw01", "proj-k8sw02"),
			})),
			sentence: "proj-k8sw01-host-key learns the host key of proj-k8sw02; the only one allowed is proj-k8sw01.",
		},
	],

	checkStack(resources, report) {
		const endpoints = resources
			.filter(({ type }) => type === provider)
			.map(({ name, props }) =>
				originOf(shaped(props.endpoint, "string", { path: ["endpoint"], owner: () => name }) ?? ""),
			);
		const cluster = clusterOf(resources);
		for (const resource of resources) {
			const { type, name, props } = resource;
			if (type !== localCommand || !isHostKeyName(name)) {
				continue;
			}
			const asked = String(props.create).match(address)?.map(originOf) ?? [];
			for (const origin of asked.filter((one) => !endpoints.includes(one))) {
				report(
					`${name} sends the token of Proxmox to ${origin}; allowed is ${endpoints.join(" or ") || "no address"}, the endpoint of the provider.`,
					resource,
				);
			}
			checkMachine(resource, cluster, report);
		}
	},
};

/** What host keys are compared with, by the name of the machine. */
interface Cluster {
	machines: ReadonlyMap<string, Machine>;
	/** The addresses that the commands of a node reach, where they are known. */
	places: ReadonlyMap<string, readonly string[]>;
}

function clusterOf(resources: readonly Resource[]): Cluster {
	const machines = new Map<string, Machine>();
	const places = new Map<string, string[]>();
	for (const resource of resources) {
		const machine = machineOf(resource);
		if (machine && !machines.has(resource.name)) {
			machines.set(resource.name, machine);
		}
		const owner = stepCommandOf(resource)?.owner;
		if (owner !== undefined) {
			const found = whenKnown(() => placesIn(resource.props.connection)) ?? [];
			places.set(owner, [...(places.get(owner) ?? []), ...found]);
		}
	}
	return { machines, places };
}

function checkMachine(
	resource: Resource,
	cluster: Cluster,
	report: (message: string, culprit: Resource) => void,
): void {
	const { name, props } = resource;
	const owner = name.slice(0, -hostKeyName("").length);
	const line = String(props.create);
	const { host, vmId } = agent.exec(line)?.groups ?? {};
	const machine = cluster.machines.get(owner);
	if (machine && vmId !== undefined && (String(machine.vmId) !== vmId || machine.nodeName !== host)) {
		report(
			`${name} asks for the host key of VM ${vmId} on ${host}; the machine ${owner} is VM ${machine.vmId} on ${machine.nodeName}.`,
			resource,
		);
	}
	const { node, place } = subject.exec(line)?.groups ?? {};
	const places = cluster.places.get(owner) ?? [];
	if (machine && node !== owner) {
		report(`${name} learns the host key of ${node}; the only one allowed is ${owner}.`, resource);
	} else if (place !== undefined && places.length > 0 && !places.includes(place)) {
		report(`${name} learns the host key at ${place}; the commands of ${owner} reach ${places[0]}.`, resource);
	}
}

/** A node as a command line names it: without the usual port, or with any. */
function placesIn(connection: unknown): string[] {
	// A resource that `--target` leaves out has no inputs yet.
	const { host, port } = (connection ?? {}) as { host?: string; port?: number };
	return host === undefined ? [] : [host, `${host}:${port}`];
}

/** @returns the text itself where it is no address, so that a sentence has it */
function originOf(text: string): string {
	return URL.canParse(text) ? new URL(text).origin : text;
}
