import { die } from "../server/errors.ts";
import { assertFeasible, type HaRule } from "./rules.ts";

/** State in which Proxmox should keep one guest. */
export interface HaResource {
	state: string;
	comment?: string;
	failback?: boolean;
	max_relocate?: number;
	max_restart?: number;
}

/** Resources and rules of high availability. No manager acts on them. */
export class HighAvailability {
	readonly #hosts: string[];
	readonly #resources = new Map<string, HaResource>();
	readonly #rules = new Map<string, HaRule>();

	constructor(hosts: string[]) {
		this.#hosts = hosts;
	}

	manages(vmId: number): boolean {
		return this.#resources.has(`vm:${vmId}`);
	}

	/** Requests a state from the manager instead of a power action. Returns whether the guest is managed. */
	request(vmId: number, state: "started" | "stopped"): boolean {
		const resource = this.#resources.get(`vm:${vmId}`);
		if (resource !== undefined) {
			resource.state = state;
		}
		return resource !== undefined;
	}

	resource(id: string): HaResource {
		return this.#resources.get(id) ?? die(`no such resource '${id}'`);
	}

	addResource(id: string, resource: HaResource): void {
		if (this.#resources.has(id)) {
			die(`create resource failed: resource ID '${id}' already defined`);
		}
		this.#resources.set(id, resource);
	}

	changeResource(id: string, resource: HaResource): void {
		this.resource(id);
		this.#resources.set(id, resource);
	}

	/** @param purge whether to remove the resource from rules, and rules without resources */
	removeResource(id: string, purge: boolean): void {
		if (!this.#resources.delete(id)) {
			die(`cannot delete service '${id}', not HA managed!`);
		}
		if (!purge) {
			return;
		}
		for (const [name, rule] of this.#rules) {
			rule.resources = rule.resources.filter((resource) => resource !== id);
			if (rule.resources.length === 0) {
				this.#rules.delete(name);
			}
		}
	}

	rule(id: string): HaRule {
		return this.#rules.get(id) ?? die(`no such ha rule '${id}'`);
	}

	addRule(id: string, rule: HaRule): void {
		if (this.#rules.has(id)) {
			die(`create ha rule failed: HA rule '${id}' already defined`);
		}
		this.#setRule(id, rule);
	}

	changeRule(id: string, rule: HaRule): void {
		if (!this.#rules.has(id)) {
			die(`update HA rules failed: HA rule '${id}' does not exist`);
		}
		this.#setRule(id, rule);
	}

	/** A rule that does not exist is no error. */
	removeRule(id: string): void {
		this.#rules.delete(id);
	}

	all(): { resources: Record<string, HaResource>; rules: Record<string, HaRule> } {
		return { resources: Object.fromEntries(this.#resources), rules: Object.fromEntries(this.#rules) };
	}

	#setRule(id: string, rule: HaRule): void {
		const unmanaged = rule.resources.filter((resource) => !this.#resources.has(resource));
		if (unmanaged.length > 0) {
			die(`cannot use unmanaged resource(s) ${unmanaged.sort().join(", ")}.`);
		}
		const unknown = Object.keys(rule.nodes ?? {}).filter((host) => !this.#hosts.includes(host));
		if (unknown.length > 0) {
			die(`cannot use non-existent node(s) ${unknown.sort().join(", ")}.`);
		}
		const others = [...this.#rules].filter(([name]) => name !== id).map(([, other]) => other);
		assertFeasible(rule, others, this.#hosts);
		this.#rules.set(id, rule);
	}
}
