/** Changes of what the lab's stack declares, for the examples of rules. */
import type { Resource } from "../rules/resource.ts";

export type Change = (resources: readonly Resource[]) => readonly Resource[];

export const unchanged: Change = (resources) => resources;

/** Changes the inputs of one resource. */
export function editResource(
	type: string,
	name: string,
	change: (props: Record<string, unknown>) => Record<string, unknown>,
): Change {
	return (resources) => {
		if (!resources.some((resource) => resource.type === type && resource.name === name)) {
			throw new RangeError(`The stack has no ${type} named ${name}; the example changes nothing.`);
		}
		return resources.map((resource) =>
			resource.type === type && resource.name === name ? { ...resource, props: change(resource.props) } : resource,
		);
	};
}

/** Declares one more resource. */
export function addResource(type: string, name: string, props: Record<string, unknown>): Change {
	return (resources) => [
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

export function removeResource(type: string, name: string): Change {
	return (resources) => {
		const left = resources.filter((resource) => resource.type !== type || resource.name !== name);
		if (left.length === resources.length) {
			throw new RangeError(`The stack has no ${type} named ${name}; the example changes nothing.`);
		}
		return left;
	};
}
