import { die, invalidParameters } from "../server/errors.ts";
import { type Parameters, splitList } from "../server/parameters.ts";
import type { Call, Route } from "../server/router.ts";
import type { Vms } from "./vm.ts";
import { type AddressSet, emptyFirewall, type FirewallRule, type VmFirewall } from "./vm-firewall.ts";

const root = "/nodes/{node}/qemu/{vmid}/firewall";
const switches = ["dhcp", "enable", "ipfilter", "macfilter", "ndp", "radv"];
const policies = ["policy_in", "policy_out"];
const logLevels = ["log_level_in", "log_level_out"];
const ruleProperties = [
	...["action", "comment", "dest", "dport", "enable", "icmp-type", "iface", "log", "macro", "proto", "source"],
	...["sport", "type"],
];

/** Routes of a VM's firewall, as in pve-firewall 6.0. `VM.Audit` may read it, and `VM.Config.Network` may change it. */
export function firewallRoutes(vms: Vms): Route[] {
	return [...optionRoutes(vms), ...setRoutes(vms), ...ruleRoutes(vms)];
}

/** Finds the firewall by the VM's id only, like `load_vmfw_conf`, which checks neither the host nor the VM. */
function open(vms: Vms, { access, parameters }: Call, privilege: "VM.Audit" | "VM.Config.Network"): VmFirewall {
	const id = parameters.required("vmid");
	access.require(`/vms/${id}`, privilege);
	return vms.find(Number(id))?.firewall ?? emptyFirewall();
}

function optionRoutes(vms: Vms): Route[] {
	return [
		{
			method: "GET",
			path: `${root}/options`,
			handle(call) {
				const { options } = open(vms, call, "VM.Audit");
				return Object.fromEntries(
					Object.entries(options).map(([name, value]) => [name, switches.includes(name) ? Number(value) : value]),
				);
			},
		},
		{
			method: "PUT",
			path: `${root}/options`,
			handle(call) {
				const { options } = open(vms, call, "VM.Config.Network");
				const given = call.parameters.except("node", "vmid", "delete", "digest");
				const unknown = Object.keys(given).filter((name) => ![...switches, ...policies, ...logLevels].includes(name));
				refuse(unknown, "property is not defined in schema and the schema does not allow additional properties");
				const wrong = policies.filter((name) => name in given && !actions.includes(given[name] ?? ""));
				refuse(wrong, `value does not have a value in the enumeration '${actions.join(", ")}'`);
				Object.assign(options, given);
				for (const name of splitList(call.parameters.optional("delete"))) {
					delete options[name];
				}
			},
		},
	];
}

function setRoutes(vms: Vms): Route[] {
	return [
		{
			method: "GET",
			path: `${root}/ipset`,
			handle: (call) => [...open(vms, call, "VM.Audit").sets].map(([name, { comment }]) => ({ name, comment })),
		},
		{
			method: "POST",
			path: `${root}/ipset`,
			handle(call) {
				const { sets } = open(vms, call, "VM.Config.Network");
				const name = call.parameters.required("name");
				if (!/^[A-Za-z][A-Za-z0-9_-]{1,63}$/.test(name)) {
					invalidParameters({ name: "value does not match the regex pattern" });
				}
				if (sets.has(name)) {
					die(`IPSet '${name}' already exists`);
				}
				sets.set(name, { comment: call.parameters.optional("comment"), entries: [] });
			},
		},
		{
			method: "GET",
			path: `${root}/ipset/{set}`,
			handle: (call) => setOf(open(vms, call, "VM.Audit"), call.parameters).entries,
		},
		{
			method: "POST",
			path: `${root}/ipset/{set}`,
			handle(call) {
				const { entries } = setOf(open(vms, call, "VM.Config.Network"), call.parameters);
				const cidr = call.parameters.required("cidr");
				if (entries.some((entry) => entry.cidr === cidr)) {
					die(`address '${cidr}' already exists`);
				}
				const nomatch = call.parameters.flag("nomatch") ? 1 : undefined;
				entries.unshift({ cidr, comment: call.parameters.optional("comment"), nomatch });
			},
		},
		{
			method: "DELETE",
			path: `${root}/ipset/{set}`,
			handle(call) {
				const firewall = open(vms, call, "VM.Config.Network");
				const name = call.parameters.required("set");
				if (setOf(firewall, call.parameters).entries.length > 0) {
					die(`IPSet '${name}' is not empty`);
				}
				firewall.sets.delete(name);
			},
		},
		{
			method: "DELETE",
			path: `${root}/ipset/{set}/{cidr*}`,
			handle(call) {
				const set = setOf(open(vms, call, "VM.Config.Network"), call.parameters);
				set.entries = set.entries.filter(({ cidr }) => cidr !== call.parameters.required("cidr"));
			},
		},
	];
}

function ruleRoutes(vms: Vms): Route[] {
	return [
		{
			method: "GET",
			path: `${root}/rules`,
			handle: (call) => open(vms, call, "VM.Audit").rules.map((rule, pos) => ({ ...displayed(rule), pos })),
		},
		{
			method: "POST",
			path: `${root}/rules`,
			handle(call) {
				const firewall = open(vms, call, "VM.Config.Network");
				// Proxmox inserts a new rule at the first position.
				firewall.rules.unshift(changed({}, call.parameters, firewall));
			},
		},
		{
			method: "GET",
			path: `${root}/rules/{pos}`,
			handle(call) {
				const pos = call.parameters.required("pos");
				// Proxmox answers the position as text here, and as a number in the list.
				return { ...displayed(ruleAt(open(vms, call, "VM.Audit"), pos)), pos };
			},
		},
		{
			method: "PUT",
			path: `${root}/rules/{pos}`,
			handle(call) {
				const firewall = open(vms, call, "VM.Config.Network");
				const { rules } = firewall;
				const pos = call.parameters.required("pos");
				const rule = ruleAt(firewall, pos);
				const target = call.parameters.optional("moveto");
				if (target === undefined) {
					rules[Number(pos)] = changed(rule, call.parameters, firewall);
				} else {
					rules.splice(Number(pos), 1);
					// The target position counts the rule at its old place.
					rules.splice(Number(target) - (Number(pos) < Number(target) ? 1 : 0), 0, rule);
				}
			},
		},
		{
			method: "DELETE",
			path: `${root}/rules/{pos}`,
			handle(call) {
				const firewall = open(vms, call, "VM.Config.Network");
				const pos = call.parameters.required("pos");
				ruleAt(firewall, pos);
				firewall.rules.splice(Number(pos), 1);
			},
		},
	];
}

const actions = ["ACCEPT", "REJECT", "DROP"];

function setOf({ sets }: VmFirewall, parameters: Parameters): AddressSet {
	const name = parameters.required("set");
	return sets.get(name) ?? die(`no such IPSet '${name}'`);
}

function ruleAt({ rules }: VmFirewall, pos: string): FirewallRule {
	return rules[Number(pos)] ?? die(`no rule at position ${pos}`);
}

function displayed(rule: FirewallRule): Record<string, string | number> {
	return rule.enable === undefined ? rule : { ...rule, enable: Number(rule.enable) };
}

/** Applies the parameters of a request to a rule, as `copy_rule_data` and `verify_rule` in pve-firewall do. */
function changed(rule: FirewallRule, parameters: Parameters, { sets }: VmFirewall): FirewallRule {
	const removed = splitList(parameters.optional("delete"));
	const given = parameters.except("node", "vmid", "pos", "delete", "digest", "moveto");
	const unknown = Object.keys(given).filter((name) => !ruleProperties.includes(name));
	refuse(unknown, "property is not defined in schema and the schema does not allow additional properties");
	const result = Object.fromEntries(
		Object.entries({ ...rule, ...given }).filter(([name, value]) => value !== "" && !removed.includes(name)),
	);
	if (!["in", "out"].includes(result.type ?? "")) {
		invalidParameters({ type: "missing property or unknown rule type" });
	}
	if (!actions.includes(result.action ?? "")) {
		invalidParameters({ action: `unknown action '${result.action}'` });
	}
	for (const port of ["dport", "sport"]) {
		if (result[port] !== undefined && result.proto === undefined) {
			invalidParameters({ proto: `missing property - '${port}' requires this property` });
		}
	}
	for (const end of ["source", "dest"]) {
		const set = /^\+(?:guest\/)?([A-Za-z][\w-]+)$/.exec(result[end] ?? "")?.[1];
		if (set !== undefined && !sets.has(set)) {
			invalidParameters({ [end]: `no such ipset '${set}'` });
		}
	}
	return result;
}

function refuse(names: string[], message: string): void {
	if (names.length > 0) {
		invalidParameters(Object.fromEntries(names.map((name) => [name, message])));
	}
}
