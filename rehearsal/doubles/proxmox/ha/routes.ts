import type { ProxmoxVersion } from "../descriptions.ts";
import type { Vms } from "../qemu/vm.ts";
import { die, invalidParameters } from "../server/errors.ts";
import { type Parameters, splitList } from "../server/parameters.ts";
import type { Route } from "../server/router.ts";
import type { HaResource, HighAvailability } from "./high-availability.ts";
import type { HaRule } from "./rules.ts";

/**
 * `/cluster/ha/resources` and `/cluster/ha/rules`, as in pve-ha-manager 5.2. Reading needs a privilege of its own. Proxmox VE
 * 8 has groups instead of rules.
 */
export function haRoutes(version: ProxmoxVersion, ha: HighAvailability, vms: Vms): Route[] {
	return version === 8 ? resourceRoutes(ha, vms) : [...resourceRoutes(ha, vms), ...ruleRoutes(ha)];
}

function resourceRoutes(ha: HighAvailability, vms: Vms): Route[] {
	return [
		{
			method: "GET",
			path: "/cluster/ha/resources/{sid}",
			handle({ access, parameters }) {
				access.require("/", "Sys.Audit");
				const sid = parameters.required("sid");
				const { failback, ...resource } = ha.resource(sid);
				return { sid, type: "vm", ...resource, ...(failback === undefined ? {} : { failback: Number(failback) }) };
			},
		},
		{
			method: "POST",
			path: "/cluster/ha/resources",
			handle({ access, parameters }) {
				access.require("/", "Sys.Console");
				refuseGroup(parameters);
				const sid = parameters.required("sid");
				const [, vmId] = /^vm:(\d+)$/.exec(sid) ?? invalidParameters({ sid: "only VMs are part of this double" });
				if (vms.find(Number(vmId)) === undefined) {
					die(`resource '${sid}' does not exist in cluster`);
				}
				ha.addResource(sid, changed({ state: "started" }, parameters));
			},
		},
		{
			method: "PUT",
			path: "/cluster/ha/resources/{sid}",
			handle({ access, parameters }) {
				access.require("/", "Sys.Console");
				refuseGroup(parameters);
				const sid = parameters.required("sid");
				ha.changeResource(sid, changed(ha.resource(sid), parameters));
			},
		},
		{
			method: "DELETE",
			path: "/cluster/ha/resources/{sid}",
			handle({ access, parameters }) {
				access.require("/", "Sys.Console");
				ha.removeResource(parameters.required("sid"), parameters.optional("purge") !== "0");
			},
		},
	];
}

function refuseGroup(parameters: Parameters): void {
	if (parameters.optional("group") !== undefined) {
		die("invalid parameter 'group': ha groups have been migrated to rules");
	}
}

function changed(old: HaResource, parameters: Parameters): HaResource {
	const state = parameters.optional("state") ?? old.state;
	if (!["started", "stopped", "enabled", "disabled", "ignored"].includes(state)) {
		invalidParameters({ state: `value '${state}' does not have a value in the enumeration` });
	}
	const text = (name: string) => parameters.optional(name);
	const number = (name: string) => (text(name) === undefined ? undefined : Number(text(name)));
	const given = {
		state,
		comment: text("comment"),
		failback: text("failback") === undefined ? undefined : parameters.flag("failback"),
		max_relocate: number("max_relocate"),
		max_restart: number("max_restart"),
	};
	const kept = without(old, splitList(text("delete")));
	return { ...kept, ...without(given, unset(given)), state };
}

function ruleRoutes(ha: HighAvailability): Route[] {
	return [
		{
			method: "GET",
			path: "/cluster/ha/rules/{rule}",
			handle({ access, parameters }) {
				access.require("/", "Sys.Audit");
				const id = parameters.required("rule");
				return { rule: id, ...displayed(ha.rule(id)) };
			},
		},
		{
			method: "POST",
			path: "/cluster/ha/rules",
			handle({ access, parameters }) {
				access.require("/", "Sys.Console");
				ha.addRule(parameters.required("rule"), ruleOf(parameters));
			},
		},
		{
			method: "PUT",
			path: "/cluster/ha/rules/{rule}",
			handle({ access, parameters }) {
				access.require("/", "Sys.Console");
				const id = parameters.required("rule");
				const kept = without(ha.rule(id), splitList(parameters.optional("delete")));
				ha.changeRule(id, { ...kept, ...ruleOf(parameters) });
			},
		},
		{
			method: "DELETE",
			path: "/cluster/ha/rules/{rule}",
			handle({ access, parameters }) {
				access.require("/", "Sys.Console");
				ha.removeRule(parameters.required("rule"));
			},
		},
	];
}

/** Refuses properties of the other type of rule. */
function ruleOf(parameters: Parameters): HaRule {
	const type = parameters.required("type");
	if (type !== "node-affinity" && type !== "resource-affinity") {
		invalidParameters({ type: `unknown rule type '${type}'` });
	}
	const own = { "node-affinity": ["nodes", "strict"], "resource-affinity": ["affinity"] };
	const foreign = type === "node-affinity" ? own["resource-affinity"] : own["node-affinity"];
	for (const name of foreign.filter((name) => parameters.optional(name) !== undefined)) {
		invalidParameters({ [name]: `unexpected property '${name}'` });
	}
	const rule = {
		type,
		resources: splitList(parameters.required("resources")).sort(),
		disable: parameters.flag("disable") || undefined,
		comment: parameters.optional("comment"),
	} as const;
	const placement = { nodes: nodesOf(parameters), strict: parameters.flag("strict") };
	const wanted =
		type === "node-affinity" ? { ...rule, ...placement } : { ...rule, affinity: parameters.required("affinity") };
	return without(wanted, unset(wanted)) as HaRule;
}

function nodesOf(parameters: Parameters): Record<string, number> {
	const nodes = splitList(parameters.optional("nodes")).map((node) => node.split(":"));
	return Object.fromEntries(nodes.map(([host = "", priority]) => [host, Number(priority ?? 0)]));
}

/** A rule as the API answers it: lists in alphabetical order, with commas, and without priorities of 0. */
function displayed({ resources, nodes, strict, disable, ...rule }: HaRule): Record<string, string | number> {
	const hosts = Object.entries(nodes ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
	return {
		...rule,
		resources: resources.toSorted().join(","),
		...(nodes ? { nodes: hosts.map(([host, priority]) => (priority ? `${host}:${priority}` : host)).join(",") } : {}),
		...(strict ? { strict: 1 } : {}),
		...(disable ? { disable: 1 } : {}),
	};
}

function without<T extends object>(values: T, names: string[]): T {
	return Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name))) as T;
}

function unset(values: object): string[] {
	return Object.entries(values)
		.filter(([, value]) => value === undefined)
		.map(([name]) => name);
}
