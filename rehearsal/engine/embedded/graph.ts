/** Who depends on whom, and what a replacement drags along. Pure. */
import { replaces } from "./plan.ts";
import type { AnyResourceType } from "./resource-type.ts";
import type { ResourceState } from "./state.ts";
import { UNKNOWN } from "./wire.ts";

/** URN in a provider reference (`URN::ID`), or empty. */
export function urnOfProvider(reference: string): string {
	return reference.split("::").slice(0, -1).join("::");
}

/** Resources of the list that have to go before this one does. */
export function dependentsAmong(resource: ResourceState, resources: ResourceState[]): ResourceState[] {
	return resources.filter((other) => other !== resource && other.urn !== resource.urn && needs(other, resource.urn));
}

function needs(resource: ResourceState, urn: string): boolean {
	return (
		resource.parent === urn ||
		resource.deletedWith === urn ||
		urnOfProvider(resource.provider) === urn ||
		resource.dependencies.includes(urn)
	);
}

/**
 * Dependents, direct and indirect, that will be replaced once the outputs of `root` are unknown, in dependency order.
 * An explicit `dependsOn` alone drags nothing along: only a property that flows from a replaced resource does.
 */
export function dependentReplacements(
	root: ResourceState,
	resources: ResourceState[],
	typeOf: (type: string) => AnyResourceType,
): ResourceState[] {
	const gone = new Set([root.urn]);
	const found: ResourceState[] = [];
	for (let grew = true; grew; ) {
		grew = false;
		for (const resource of resources) {
			if (gone.has(resource.urn) || !resource.custom || !isDragged(resource, gone, typeOf)) {
				continue;
			}
			gone.add(resource.urn);
			found.push(resource);
			grew = true;
		}
	}
	return found;
}

function isDragged(resource: ResourceState, gone: Set<string>, typeOf: (type: string) => AnyResourceType): boolean {
	if (gone.has(urnOfProvider(resource.provider))) {
		return true;
	}
	const unknown = Object.entries(resource.propertyDependencies)
		.filter(([key, urns]) => key in resource.inputs && urns.some((urn) => gone.has(urn)))
		.map(([key]) => [key, UNKNOWN]);
	if (unknown.length === 0) {
		return false;
	}
	const inputs = { ...resource.inputs, ...Object.fromEntries(unknown) };
	return replaces(resource.inputs, inputs, typeOf(resource.type), resource.replaceOnChanges);
}
