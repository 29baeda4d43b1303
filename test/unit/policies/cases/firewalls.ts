/** Rules about the firewalls of several machines. */
import type { Given } from "../run-rule.ts";
import { unknown } from "../run-rule.ts";
import type { CaseTable } from "./case.ts";

const numbers: Readonly<Record<string, number>> = {
	"proj-k8sm01": 4,
	"proj-k8sm02": 5,
	"proj-k8sm03": 6,
	"proj-k8sw01": 7,
};
const addressOf = (name: string) => `10.25.20.${numbers[name]}`;

function machine(name: string, role = name.startsWith("proj-k8sm") ? "control-plane" : "worker"): Given {
	return {
		type: "proxmoxve:index/vmLegacy:VmLegacy",
		name,
		props: {
			tags: [role],
			nodeName: "node01",
			vmId: 100 + numbers[name]!,
			initialization: { ipConfigs: [{ ipv4: { address: `${addressOf(name)}/24` } }] },
		},
	};
}

const place = (name: string) => ({ nodeName: "node01", vmId: 100 + numbers[name]! });
const options = (name: string, props: object = {}): Given => ({
	type: "proxmoxve:firewall/optionsLegacy:OptionsLegacy",
	name: `${name}-firewall-options`,
	props: { ...place(name), enabled: true, inputPolicy: "DROP", ...props },
});
const set = (name: string, set: string, ...members: (string | object)[]): Given => ({
	type: "proxmoxve:firewall/ipsetLegacy:IpsetLegacy",
	name: `${name}-firewall-${set}`,
	props: {
		...place(name),
		name: set,
		cidrs: members.map((member) => (typeof member === "string" ? { name: member } : member)),
	},
});
const rules = (name: string, ...list: object[]): Given => ({
	type: "proxmoxve:firewall/rulesLegacy:RulesLegacy",
	name: `${name}-firewall-rules`,
	props: { ...place(name), rules: list },
});

const [m1, m2, m3, w1] = Object.keys(numbers) as [string, string, string, string];
const servers = [machine(m1), machine(m2), machine(m3)];
const all = [...servers, machine(w1)];
const serversSet = [m1, m2, m3].map(addressOf);
const nodesSet = [...serversSet, addressOf(w1)];

const accept = (dport: string, source: string, comment: string) => ({
	type: "in",
	action: "ACCEPT",
	proto: "tcp",
	dport,
	source,
	comment,
});
const ssh = accept("22", "10.25.10.0/24", "SSH");
const etcd = accept("2379:2381", "+guest/rke2-servers-0a1b2c3d", "etcd");
const ingress = accept("80,443", "10.25.0.0/16", "ingress");
const open = { ...ssh, source: "203.0.113.0/24" };

const fault = (name: string, difference: string) =>
	`${name}: The firewall of machine ${name} has ${difference}; make them equal: proxmox.firewall holds for every machine.`;

export const firewallCases: CaseTable = {
	"vm-firewall-owner": {
		accepts: {
			"parts of the machine": [machine(m1), options(m1), rules(m1, ssh), set(m1, "rke2-nodes-0a1b2c3d")],
			"a machine whose host and id are not known yet": [machine(m1), options(m1, { nodeName: unknown, vmId: unknown })],
			"a machine without a firewall": machine(m1),
		},
		refuses: {
			"options of no machine": [
				[machine(m1), options(w1)],
				"proj-k8sw01-firewall-options: proj-k8sw01-firewall-options belongs to no machine of the stack by its name; remove it.",
			],
			"a set whose name in Proxmox is not that of its resource": [
				[machine(m1), { ...set(m1, "rke2-nodes-0a1b2c3d"), name: "proj-k8sm01-firewall-rke2-nodes-deadbeef" }],
				"proj-k8sm01-firewall-rke2-nodes-deadbeef: proj-k8sm01-firewall-rke2-nodes-deadbeef belongs to no machine of the stack by its name; remove it.",
			],
			"a part of the datacenter's firewall": [
				[
					machine(m1),
					{ type: "proxmoxve:firewall/aliasLegacy:AliasLegacy", name: "proj-k8sm01-firewall-rules", props: {} },
				],
				"proj-k8sm01-firewall-rules: proj-k8sm01-firewall-rules belongs to no machine of the stack by its name; remove it.",
			],
			"options of another id": [
				[machine(m1), options(m1, { vmId: 4711 })],
				"proj-k8sm01-firewall-options: proj-k8sm01-firewall-options has the vmId 4711, and machine proj-k8sm01 has 104; take it from the machine.",
			],
			"rules on another host, whose id is not known yet": [
				[machine(m1), { ...rules(m1), props: { nodeName: "node09", vmId: unknown, rules: [] } }],
				"proj-k8sm01-firewall-rules: proj-k8sm01-firewall-rules has the nodeName node09, and machine proj-k8sm01 has node01; take it from the machine.",
			],
			"no id": [
				[machine(m1), options(m1, { vmId: undefined })],
				"proj-k8sm01-firewall-options: proj-k8sm01-firewall-options has the vmId undefined, and machine proj-k8sm01 has 104; take it from the machine.",
			],
			"rules that stay as they were on their first day": [
				[machine(m1), { ...rules(m1, ssh), ignoreChanges: ["rules"] }],
				"proj-k8sm01-firewall-rules: proj-k8sm01-firewall-rules ignores changes of rules; remove ignoreChanges.",
			],
		},
	},
	"vm-firewall-sets": {
		accepts: {
			"the machines, in any order": [
				...all,
				set(m1, "rke2-servers-0a1b2c3d", ...serversSet.toReversed()),
				set(m1, "rke2-nodes-0a1b2c3d", ...nodesSet),
				rules(m1, ssh, etcd),
			],
			"no sets": all,
		},
		refuses: {
			"a further address among the control planes": [
				[...all, set(m1, "rke2-servers-0a1b2c3d", ...serversSet, "10.25.20.66")],
				"proj-k8sm01-firewall-rke2-servers-0a1b2c3d: proj-k8sm01-firewall-rke2-servers-0a1b2c3d has 10.25.20.66 beside the addresses of the control planes; remove it.",
			],
			"a worker among the control planes": [
				[...all, set(m1, "rke2-servers-0a1b2c3d", ...nodesSet)],
				"proj-k8sm01-firewall-rke2-servers-0a1b2c3d: proj-k8sm01-firewall-rke2-servers-0a1b2c3d has 10.25.20.7 beside the addresses of the control planes; remove it.",
			],
			"a network among the machines": [
				[...all, set(w1, "rke2-nodes-0a1b2c3d", ...nodesSet, "10.0.0.0/8")],
				"proj-k8sw01-firewall-rke2-nodes-0a1b2c3d: proj-k8sw01-firewall-rke2-nodes-0a1b2c3d has 10.0.0.0/8 beside the addresses of the machines; remove it.",
			],
			"a machine that is left out, and one that is taken out": [
				[...all, set(w1, "rke2-nodes-0a1b2c3d", ...serversSet, { name: addressOf(w1), nomatch: true })],
				"proj-k8sw01-firewall-rke2-nodes-0a1b2c3d: proj-k8sw01-firewall-rke2-nodes-0a1b2c3d has !10.25.20.7 beside the addresses of the machines; remove it.",
				"proj-k8sw01-firewall-rke2-nodes-0a1b2c3d: proj-k8sw01-firewall-rke2-nodes-0a1b2c3d lacks 10.25.20.7 of the addresses of the machines; add it.",
			],
			"a second set of the control planes": [
				[
					...all,
					set(m1, "rke2-servers-0a1b2c3d", ...serversSet),
					set(m1, "rke2-servers-deadbeef", ...serversSet),
					set(m2, "rke2-servers-0a1b2c3d", ...serversSet),
				],
				"proj-k8sm01-firewall-rke2-servers-deadbeef: proj-k8sm01-firewall-rke2-servers-deadbeef is a second set of the control planes on machine proj-k8sm01; remove it.",
			],
			"rules with a set of another machine, and with one of the datacenter": [
				[
					...all,
					set(m1, "rke2-servers-0a1b2c3d", ...serversSet),
					rules(m1, etcd),
					rules(m2, ssh, etcd, { ...ssh, source: "10.25.10.0/24, +dc/office" }),
				],
				"proj-k8sm02-firewall-rules: proj-k8sm02-firewall-rules accepts the set +guest/rke2-servers-0a1b2c3d in rule 1, which is no set of its machine; name one of those.",
				"proj-k8sm02-firewall-rules: proj-k8sm02-firewall-rules accepts the set +dc/office in rule 2, which is no set of its machine; name one of those.",
			],
			"a set of something else": [
				[...all, set(m1, "office", "10.25.20.66")],
				"proj-k8sm01-firewall-office: proj-k8sm01-firewall-office is a set of the name office; allowed are rke2-servers-<digest> and rke2-nodes-<digest>.",
			],
		},
	},
	"vm-equal-firewalls": {
		accepts: {
			"equal rules by role": [
				...all,
				...[m1, m2, m3].flatMap((name) => [options(name), rules(name, ssh, etcd)]),
				options(w1),
				rules(w1, ssh, ingress),
			],
			"the same rules in another order, or with one of them twice": [
				...servers,
				rules(m1, ssh, etcd),
				rules(m2, etcd, ssh),
				rules(m3, ssh, etcd, ssh),
			],
			"a node without the rules of the ingress": [
				...servers,
				rules(m1, ssh, ingress),
				rules(m2, ssh),
				rules(m3, ssh, ingress),
			],
			"no firewall at all": all,
		},
		refuses: {
			"one that is off": [
				[...servers, options(m1, { enabled: false }), options(m2), options(m3)],
				fault(m1, "other options than most"),
			],
			"one without options": [[...servers, options(m1), options(m2)], fault(m3, "other options than most")],
			"another source for SSH": [
				[...servers, rules(m1, ssh), rules(m2, open), rules(m3, ssh)],
				fault(m2, "other rules than most of the role control-plane"),
			],
			"a further rule": [
				[...servers, rules(m1, ssh, open), rules(m2, ssh), rules(m3, ssh)],
				fault(m1, "other rules than most of the role control-plane"),
			],
			"no rules on one of them": [
				[...servers, rules(m1, ssh), rules(m2, ssh)],
				fault(m3, "other rules than most of the role control-plane"),
			],
			"etcd under the name of the ingress": [
				[
					...servers,
					rules(m1, ssh, { ...etcd, source: "203.0.113.9", comment: "ingress" }),
					rules(m2, ssh, ingress),
					rules(m3, ssh, ingress),
				],
				fault(m1, "other rules for the ingress than most"),
			],
			"the only control plane with another source for SSH than the workers": [
				[machine(m1), machine(w1), rules(m1, open, etcd), rules(w1, ssh)],
				fault(m1, "not all rules that the workers have"),
			],
		},
	},
};
