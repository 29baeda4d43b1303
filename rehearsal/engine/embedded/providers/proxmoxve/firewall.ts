/** The packet filter in front of a machine, with the calls of the real plugin in its order. */
import { z } from "zod";
import type { Operation, ResourceType } from "../../resource-type.ts";
import { type Parameters, ProxmoxClient } from "./client.ts";
import { bit } from "./parameters.ts";

const machine = { nodeName: z.string(), vmId: z.number() };
const pathOf = ({ nodeName, vmId }: { nodeName: string; vmId: number }) => `/nodes/${nodeName}/qemu/${vmId}/firewall`;

const setInputs = z.strictObject({
	...machine,
	name: z.string(),
	comment: z.string().optional(),
	cidrs: z.array(z.strictObject({ name: z.string() })).default([]),
});

/** proxmoxve:firewall/ipsetLegacy:IpsetLegacy */
export const firewallSet: ResourceType<z.output<typeof setInputs>> = {
	inputs: setInputs,
	// Another name is only sent with another content: the plugin renames a set, which this host does not.
	replaceOn: ["name", "cidrs"],
	keepsOutputs: true,

	async create(operation) {
		const { name, comment, cidrs } = operation.inputs;
		const client = new ProxmoxClient(operation);
		const path = `${pathOf(operation.inputs)}/ipset`;
		await client.post(path, { name, comment });
		for (const cidr of cidrs) {
			await client.post(`${path}/${name}`, { cidr: cidr.name });
		}
		await client.get(path);
		await client.get(`${path}/${name}`);
		return { id: name, outputs: {} };
	},

	async update() {
		throw new Error("Changing the comment of an IP set is not supported by the embedded host.");
	},

	async delete(operation) {
		const client = new ProxmoxClient(operation);
		const path = `${pathOf(operation.inputs)}/ipset/${operation.id}`;
		for (const { cidr } of await client.get<{ cidr: string }[]>(path)) {
			await client.delete(`${path}/${encodeURIComponent(cidr)}`);
		}
		await client.delete(path);
	},
};

const ruleInputs = z.strictObject({
	type: z.enum(["in", "out"]),
	action: z.enum(["ACCEPT", "DROP", "REJECT"]),
	proto: z.string().default(""),
	dport: z.string().default(""),
	source: z.string().default(""),
	comment: z.string().default(""),
});
const rulesInputs = z.strictObject({ ...machine, rules: z.array(ruleInputs) });
type RulesInputs = z.output<typeof rulesInputs>;
type Rule = RulesInputs["rules"][number];

/** proxmoxve:firewall/rulesLegacy:RulesLegacy */
export const firewallRules: ResourceType<RulesInputs> = {
	inputs: rulesInputs,
	// Not on another machine: the plugin then looks there for rules that only the old one had.
	replaceOn: [],
	keepsOutputs: true,

	async create(operation) {
		const list = new RuleList(operation);
		if ((await list.positions()).length > 0) {
			throw new Error("Existing rules detected. Aborting...");
		}
		// Each goes to the top.
		for (const rule of operation.inputs.rules.toReversed()) {
			await list.add(rule);
		}
		await list.read();
		return { id: `rule-${operation.name}`, outputs: {} };
	},

	async update(operation) {
		const { rules } = operation.inputs;
		const list = new RuleList(operation);
		const kept = new Set(operation.oldInputs.rules.map(signature));
		for (const rule of rules) {
			if (!kept.has(signature(rule))) {
				await list.add(rule);
			}
		}
		for (const [target, rule] of rules.entries()) {
			const position = await list.find(rule, target);
			if (position !== target) {
				await list.put(position, { moveto: target });
			}
		}
		for (const [position, rule] of rules.entries()) {
			if (kept.has(signature(rule))) {
				await list.put(position, ruleParameters(rule));
			}
		}
		for (const position of (await list.positions()).slice(rules.length).reverse()) {
			await list.remove(position);
		}
		await list.read();
		return {};
	},

	async delete(operation) {
		const list = new RuleList(operation);
		for (const position of [...operation.inputs.rules.keys()].reverse()) {
			await list.get(position);
			await list.remove(position);
		}
	},
};

class RuleList {
	readonly #client: ProxmoxClient;
	readonly #path: string;

	constructor(operation: Operation<RulesInputs>) {
		this.#client = new ProxmoxClient(operation);
		this.#path = `${pathOf(operation.inputs)}/rules`;
	}

	async positions(): Promise<number[]> {
		return (await this.#client.get<{ pos: number }[]>(this.#path)).map(({ pos }) => pos);
	}

	get(position: number): Promise<Partial<Rule>> {
		return this.#client.get(`${this.#path}/${position}`);
	}

	/** Where the rule is, at the position or after it. */
	async find(rule: Rule, from: number): Promise<number> {
		for (const position of await this.positions()) {
			if (position >= from && signature(await this.get(position)) === signature(rule)) {
				return position;
			}
		}
		throw new Error(`The rule "${rule.comment}" is not in the list any more.`);
	}

	async read(): Promise<void> {
		for (const position of await this.positions()) {
			await this.get(position);
		}
	}

	add(rule: Rule): Promise<unknown> {
		return this.#client.post(this.#path, ruleParameters(rule));
	}

	put(position: number, parameters: Parameters): Promise<unknown> {
		return this.#client.put(`${this.#path}/${position}`, parameters);
	}

	remove(position: number): Promise<unknown> {
		return this.#client.delete(`${this.#path}/${position}`);
	}
}

/** What makes a rule another rule; the comment does not. */
function signature({ type, action, proto = "", dport = "", source = "" }: Partial<Rule>): string {
	return [type, action, proto, dport, source].join(" ");
}

/** The plugin sends what is empty, too. */
function ruleParameters(rule: Rule): Parameters {
	return { ...rule, enable: 1, dest: "", macro: "", sport: "" };
}

const policy = z.enum(["ACCEPT", "DROP", "REJECT"]);
const optionInputs = z.strictObject({
	...machine,
	enabled: z.boolean().default(false),
	inputPolicy: policy.default("DROP"),
	outputPolicy: policy.default("ACCEPT"),
	macfilter: z.boolean().default(true),
	ipfilter: z.boolean().default(false),
});
type OptionInputs = z.output<typeof optionInputs>;

/** proxmoxve:firewall/optionsLegacy:OptionsLegacy */
export const firewallOptions: ResourceType<OptionInputs> = {
	inputs: optionInputs,
	replaceOn: [],
	keepsOutputs: true,

	async create(operation) {
		await setOptions(operation);
		return { id: `options-${operation.name}`, outputs: {} };
	},

	async update(operation) {
		await setOptions(operation);
		await new ProxmoxClient(operation).get(`${pathOf(operation.inputs)}/options`);
		return {};
	},

	/** The plugin forgets them and leaves Proxmox as it is. */
	async delete() {},
};

async function setOptions(operation: Operation<OptionInputs>): Promise<void> {
	const { enabled, inputPolicy, outputPolicy, macfilter, ipfilter } = operation.inputs;
	const client = new ProxmoxClient(operation);
	const path = `${pathOf(operation.inputs)}/options`;
	await client.put(path, {
		dhcp: 0,
		enable: bit(enabled),
		ipfilter: bit(ipfilter),
		log_level_in: "nolog",
		log_level_out: "nolog",
		macfilter: bit(macfilter),
		ndp: 0,
		policy_in: inputPolicy,
		policy_out: outputPolicy,
		radv: 1,
	});
	await client.get(path);
}
