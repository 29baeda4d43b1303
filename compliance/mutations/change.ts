/** One change of what the program asks for, such as a mistake in the program or in a stack file would make. */
import { nodeStepOf } from "../../src/facts/resource-names.ts";
import type { PlainResource } from "../evaluation/evaluate-stack.ts";

export interface Mutation {
	/** Name of the rule that has to catch it, alone. */
	policy: string;
	/** What was changed, for people. */
	change: string;
	apply: (resources: PlainResource[]) => PlainResource[];
	/** Whether the exceptions of the rule are withdrawn: the stack itself breaks it already. */
	withoutExceptions?: true;
	/** What makes such a stack keep the rule, so that the change is what breaks it. */
	repaired?: (resources: PlainResource[]) => PlainResource[];
}

export function unchanged(resources: PlainResource[]): PlainResource[] {
	return resources;
}

const machineType = "proxmoxve:index/vmLegacy:VmLegacy";

/** Changes the inputs of one resource. */
export function edit(type: string, name: string, change: (props: Record<string, unknown>) => Record<string, unknown>) {
	return (resources: PlainResource[]): PlainResource[] => {
		if (!resources.some((resource) => resource.type === type && resource.name === name)) {
			throw new RangeError(`The stack has no ${type} named ${name}; the mutation changes nothing.`);
		}
		return resources.map((resource) =>
			resource.type === type && resource.name === name ? { ...resource, props: change(resource.props) } : resource,
		);
	};
}

export function editMachine(name: string, changes: Record<string, unknown>) {
	return edit(machineType, name, (props) => ({ ...props, ...changes }));
}

/** Changes the inputs of some machines. */
export function editMachines(names: RegExp, changes: Record<string, unknown>) {
	return (resources: PlainResource[]): PlainResource[] =>
		resources.map((resource) =>
			resource.type === machineType && names.test(resource.name)
				? { ...resource, props: { ...resource.props, ...changes } }
				: resource,
		);
}

/** Changes the same text in what converge carries to some nodes. */
export function editFiles(nodes: RegExp, from: string | RegExp, to: string) {
	return (resources: PlainResource[]): PlainResource[] => {
		let changed = false;
		const result = resources.map((resource) => {
			const { stdin } = resource.props;
			if (nodeStepOf(resource.name) !== "converge" || !nodes.test(resource.name) || typeof stdin !== "string") {
				return resource;
			}
			const edited = stdin.replace(from, to);
			changed ||= edited !== stdin;
			return { ...resource, props: { ...resource.props, stdin: edited } };
		});
		if (!changed) {
			throw new RangeError(`No configuration of ${nodes} holds ${from}; the mutation changes nothing.`);
		}
		return result;
	};
}

export const servers = /^proj-k8sm/;
export const everyNode = /^proj-k8s/;

/** Adds lines to config.yaml. */
export function addToConfig(nodes: RegExp, ...lines: string[]) {
	const added = lines.map((line) => `| ${line}\n`).join("");
	return editFiles(nodes, /(file \/etc\/rancher\/rke2\/config\.yaml .*\n)/, `$1${added}`);
}

/** Declares one more resource. */
export function declare(type: string, name: string, props: Record<string, unknown>) {
	return (resources: PlainResource[]): PlainResource[] => [
		...resources,
		{
			type,
			name,
			urn: `urn:pulumi:preview::rke2-lab::${type}::${name}`,
			props,
			opts: { ignoreChanges: [], protect: false },
		},
	];
}

/** Leaves a resource out. */
export function remove(type: string, name: string) {
	return (resources: PlainResource[]): PlainResource[] => {
		const kept = resources.filter((resource) => resource.type !== type || resource.name !== name);
		if (kept.length === resources.length) {
			throw new RangeError(`The stack has no ${type} named ${name}; the mutation changes nothing.`);
		}
		return kept;
	};
}
