/** The pool, the backup job and the high availability of the machines. */
import type { Given } from "../run-rule.ts";
import { unknown } from "../run-rule.ts";
import type { CaseTable } from "./case.ts";

const machine = (name: string, vmId: number, props: object = {}): Given => ({
	type: "proxmoxve:index/vmLegacy:VmLegacy",
	name,
	props: { vmId, nodeName: "node01", tags: [name.startsWith("m") ? "control-plane" : "worker"], ...props },
});
const gpu = { hostpcis: [{ device: "hostpci0", mapping: "rtx" }] };
const machines = [machine("m1", 104), machine("m2", 105, { nodeName: "node02" }), machine("w1", 107)];

const pool: Given = { type: "proxmoxve:index/poolLegacy:PoolLegacy", name: "pool", props: { poolId: "lab" } };
const member = (name: string, vmId: unknown, poolId: unknown = "lab"): Given => ({
	type: "proxmoxve:pool/membership:Membership",
	name: `pool-${name}`,
	props: { vmId, poolId },
});
const members = [member("m1", 104), member("m2", 105), member("w1", 107)];

const backup = (vmids: unknown): Given => ({ type: "proxmoxve:backup/job:Job", name: "backup", props: { vmids } });

const available = (name: string, resourceId: string): Given => ({
	type: "proxmoxve:index/haresource:Haresource",
	name: `high-availability-${name}`,
	props: { resourceId },
});
const rule = (purpose: string, resources: unknown, props: object = {}): Given => ({
	type: "proxmoxve:index/harule:Harule",
	name: `high-availability-${purpose}`,
	props: { resources, ...props },
});
const availables = [available("m1", "vm:104"), available("m2", "vm:105"), available("w1", "vm:107")];
const nodes = { nodes: { node01: 1, node02: 1, node03: 1 } };
const hosts = rule("hosts", ["vm:104", "vm:105", "vm:107"], nodes);
const apart = rule("control-planes-apart", ["vm:105", "vm:104"]);

export const machineGroupCases: CaseTable = {
	"vm-machine-groups": {
		accepts: {
			"machines without a group": machines,
			"a pool with all machines": [...machines, pool, ...members],
			"a pool whose machines are not known yet": [
				...machines,
				{ ...pool, props: { poolId: "lab" } },
				...["m1", "m2", "w1"].map((name) => member(name, unknown, unknown)),
			],
			"a backup of all machines": [...machines, backup(["104", "105", "107"])],
			"a backup of machines that are not known yet": [...machines, backup(unknown)],
			"high availability of all machines": [...machines, ...availables, hosts, apart],
			"high availability of machines that are not known yet": [
				...machines,
				...["m1", "m2", "w1"].map((name) => available(name, unknown)),
				rule("hosts", [unknown, unknown, "vm:107"], nodes),
				rule("control-planes-apart", [unknown, unknown]),
			],
			"a machine with a GPU, which stays on its host": [
				...machines,
				machine("w2", 108, gpu),
				...availables,
				hosts,
				apart,
			],
			"one control plane": [
				machine("m1", 104),
				machine("w1", 107),
				available("m1", "vm:104"),
				available("w1", "vm:107"),
				rule("hosts", ["vm:104", "vm:107"], nodes),
			],
		},
		refuses: {
			"a machine of somebody else in the pool": [
				[...machines, pool, member("m1", 4711), member("m2", 105), member("w1", 107), member("other", 4712)],
				"pool-m1: pool-m1 names 4711, and machine m1 is 104; take it from there.",
				"pool-other: pool-other belongs to no machine that may be in pool by its name; remove it.",
			],
			"a pool without one machine": [
				[...machines, pool, member("m1", 104), member("w1", 107)],
				"m2: Machine m2 has no pool-m2, and other machines have theirs; declare it.",
			],
			"another pool": [
				[...machines, pool, member("m1", 104, "other"), member("m2", 105), member("w1", 107)],
				"pool-m1: pool-m1 names the pool other, which the stack does not declare; take it from the pool.",
			],
			"a backup of another machine": [
				[...machines, backup(["104", "4711", "107"])],
				"backup: backup has 4711, which is no machine that belongs there; remove it.",
				"backup: backup lacks 105; it is about all machines of its kind.",
			],
			"a backup of nothing": [
				[...machines, backup([])],
				"backup: backup lacks 104, 105, 107; it is about all machines of its kind.",
			],
			"a backup of a machine twice": [
				[...machines, backup(["104", "105", "107", "107"])],
				"backup: backup names a machine twice; name each once.",
			],
			"high availability of a machine of somebody else": [
				[...machines, available("m1", "vm:4711"), ...availables.slice(1), hosts, apart],
				"high-availability-m1: high-availability-m1 names vm:4711, and machine m1 is vm:104; take it from there.",
			],
			"high availability of a machine with a GPU": [
				[...machines, machine("w2", 108, gpu), ...availables, available("w2", "vm:108"), hosts, apart],
				"high-availability-w2: high-availability-w2 belongs to no machine that may be in high-availability by its name; remove it.",
			],
			"a machine without high availability": [
				[...machines, ...availables.slice(1), hosts, apart],
				"m1: Machine m1 has no high-availability-m1, and other machines have theirs; declare it.",
			],
			"control planes that nothing keeps apart": [
				[...machines, ...availables, hosts],
				"m1: High availability has no rule high-availability-control-planes-apart; declare it.",
			],
			"a rule that forgets one control plane, known or not": [
				[...machines, ...availables, hosts, rule("control-planes-apart", ["vm:104"])],
				"high-availability-control-planes-apart: high-availability-control-planes-apart lacks vm:105; it is about all machines of its kind.",
			],
			"a rule with another machine beside unknown ones": [
				[...machines, ...availables, hosts, rule("control-planes-apart", [unknown, "vm:4711"])],
				"high-availability-control-planes-apart: high-availability-control-planes-apart has vm:4711, which is no machine that belongs there; remove it.",
			],
			"hosts without that of a machine": [
				[...machines, ...availables, rule("hosts", ["vm:104", "vm:105", "vm:107"], { nodes: { node01: 1 } }), apart],
				"high-availability-hosts: high-availability-hosts does not name node02, the host of machine m2; add it.",
			],
		},
	},
};
