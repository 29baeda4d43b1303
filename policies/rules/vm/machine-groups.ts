import { availabilityRules, machineGroups, partOfGroupName } from "../../../src/facts/resource-names.ts";
import { addResource } from "../../lib/examples/resources.ts";
import { whenKnown } from "../../lib/reading/known.ts";
import type { Resource } from "../../lib/rules/resource.ts";
import type { StackRule } from "../../lib/rules/rule.ts";
import { machineOf, rolesOf, virtualMachine } from "../../lib/vm/machines.ts";

const types = {
	pool: "proxmoxve:index/poolLegacy:PoolLegacy",
	member: "proxmoxve:pool/membership:Membership",
	backup: "proxmoxve:backup/job:Job",
	available: "proxmoxve:index/haresource:Haresource",
	availabilityRule: "proxmoxve:index/harule:Harule",
};
const every: ReadonlySet<string> = new Set(Object.values(types));

type Say = (message: string, culprit: Resource) => void;

/** How a group names a machine. */
type Spelling = (machine: Resource) => string;
const byId: Spelling = ({ props }) => `${props.vmId}`;
const byKind: Spelling = ({ props }) => `vm:${props.vmId}`;

/**
 * The users of a pool have rights over its members, a backup job copies the disks of its machines, and high availability starts machines
 * and moves them to other hosts. The record of known resources knows only that each of them names a number. It may be the number of a
 * machine outside the stack.
 * The program names the machines of the stack, and all of them. The numbers are outputs of the machines, so that they may be unknown.
 */
export const vmMachineGroups: StackRule = {
	name: "vm-machine-groups",
	description:
		"Pool, backup job and high availability are about the machines of the stack and no others, and each is about all of them.",
	severity: "high",
	controls: [],
	frameworks: { cisControls: ["4.1", "11.2"], iso27001: ["A.5.9", "A.8.13"], nist80053: ["CM-2", "CP-9"] },
	remediation: "Declare them by `proxmox.pool`, `proxmox.backup` and `proxmox.highAvailability`, and nowhere else.",
	url: "https://pve.proxmox.com/pve-docs/chapter-pveum.html#pveum_resource_pools",
	subject: { plural: "pools, backup jobs and high availability", isDeclaredBy: ({ type }) => every.has(type) },
	examples: [
		{
			change: "a backup job that also copies a machine of somebody else",
			apply: (resources) =>
				addResource(types.backup, machineGroups.backup, {
					vmids: [...resources.filter(({ type }) => type === virtualMachine).map(byId), "4711"],
				})(resources),
			sentence: "backup has 4711, which is no machine that belongs there; remove it.",
		},
	],

	checkStack(resources, report) {
		const machines = resources.filter(({ type }) => type === virtualMachine);
		const of = (type: string) => resources.filter((resource) => resource.type === type);
		for (const job of of(types.backup)) {
			checkList(job, "vmids", machines.map(byId), report);
		}
		checkPool(of(types.pool), of(types.member), machines, report);
		checkAvailability(of(types.available), of(types.availabilityRule), machines, report);
	},
};

function checkPool(pools: readonly Resource[], members: readonly Resource[], machines: readonly Resource[], say: Say) {
	if (pools.length === 0 && members.length === 0) {
		return;
	}
	checkParts(machineGroups.pool, members, "vmId", machines, byId, say);
	for (const member of members) {
		const id = whenKnown(() => member.props.poolId);
		if (id !== undefined && !pools.some((pool) => whenKnown(() => pool.props.poolId) === id)) {
			say(`${member.name} names the pool ${id}, which the stack does not declare; take it from the pool.`, member);
		}
	}
}

/** A mapped device is on one host, so that its machine cannot start on another one. */
function checkAvailability(
	parts: readonly Resource[],
	rules: readonly Resource[],
	machines: readonly Resource[],
	say: Say,
): void {
	const managed = machines.filter((machine) => (machineOf(machine)!.hostpcis ?? []).length === 0);
	if (parts.length === 0 && rules.length === 0) {
		return;
	}
	checkParts(machineGroups.highAvailability, parts, "resourceId", managed, byKind, say);
	const controlPlanes = managed.filter((machine) => rolesOf(machineOf(machine)!).includes("control-plane"));
	const wanted = new Map([
		[availabilityRules.hosts, managed],
		// Proxmox refuses a rule for a single machine.
		...(controlPlanes.length > 1 ? [[availabilityRules.apart, controlPlanes] as const] : []),
	]);
	for (const [purpose, own] of wanted) {
		const name = partOfGroupName(machineGroups.highAvailability, purpose);
		const rule = rules.find((candidate) => candidate.name === name);
		if (rule) {
			checkList(rule, "resources", own.map(byKind), say);
		} else if (own[0]) {
			say(`High availability has no rule ${name}; declare it.`, own[0]);
		}
		if (rule && purpose === availabilityRules.hosts) {
			checkHosts(rule, own, say);
		}
	}
}

/** Proxmox stops a machine on a host that such a rule does not name. */
function checkHosts(rule: Resource, machines: readonly Resource[], say: Say): void {
	const hosts = Object.keys(rule.props.nodes ?? {});
	for (const machine of machines.filter(({ props }) => !hosts.includes(`${props.nodeName}`))) {
		say(`${rule.name} does not name ${machine.props.nodeName}, the host of machine ${machine.name}; add it.`, rule);
	}
}

/** A group with one resource for each machine, which its name says. */
function checkParts(
	group: string,
	parts: readonly Resource[],
	input: string,
	machines: readonly Resource[],
	spell: Spelling,
	say: Say,
): void {
	const byName = new Map(machines.map((machine) => [partOfGroupName(group, machine.name), machine]));
	for (const part of parts) {
		const machine = byName.get(part.name);
		byName.delete(part.name);
		const found = whenKnown(() => ({ value: part.props[input] }));
		if (!machine) {
			say(`${part.name} belongs to no machine that may be in ${group} by its name; remove it.`, part);
		} else if (found && `${found.value}` !== spell(machine)) {
			say(
				`${part.name} names ${found.value}, and machine ${machine.name} is ${spell(machine)}; take it from there.`,
				part,
			);
		}
	}
	for (const [name, machine] of byName) {
		say(`Machine ${machine.name} has no ${name}, and other machines have theirs; declare it.`, machine);
	}
}

/** A resource with the list of its machines, in any order. */
function checkList(resource: Resource, input: string, wanted: readonly string[], say: Say): void {
	const read = whenKnown(() => ({ list: resource.props[input] ?? [] }));
	if (!read) {
		return;
	}
	const list = Array.isArray(read.list) ? read.list : [read.list];
	const known = [...list.keys()].map((index) => whenKnown(() => `${list[index]}`));
	const further = known.filter((member) => member !== undefined && !wanted.includes(member));
	if (further.length > 0) {
		say(`${resource.name} has ${further.join(", ")}, which is no machine that belongs there; remove it.`, resource);
	}
	const missing = known.includes(undefined) ? [] : wanted.filter((one) => !known.includes(one));
	if (missing.length > 0) {
		say(`${resource.name} lacks ${missing.join(", ")}; it is about all machines of its kind.`, resource);
	}
	if (known.length > wanted.length && further.length === 0) {
		say(`${resource.name} names a machine twice; name each once.`, resource);
	}
}
