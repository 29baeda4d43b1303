/** Kubernetes objects among the resources of a program. */
import type { Resource } from "./rule.ts";

/** The parts of an object's metadata that rules read: those that a program writes, known at preview. */
export interface Metadata {
	name?: string;
	namespace?: string;
	labels?: Record<string, string>;
}

export interface Declared<T> {
	object: T;
	/** A patch changes an object that somebody else made, and says only what it changes. */
	patch: boolean;
	resource: Resource;
}

/**
 * The objects of one kind that a resource declares. Pulumi gives patches and lists types of their own, which a
 * comparison with the type of the kind alone lets through.
 *
 * @param group API group and version as the type token has them, e.g. `core/v1`
 */
export function objectsOfKind<T>(resource: Resource, group: string, kind: string): Declared<T>[] {
	const type = `kubernetes:${group}:${kind}`;
	switch (resource.type) {
		case type:
			return [{ object: resource.props as T, patch: false, resource }];
		case `${type}Patch`:
			return [{ object: resource.props as T, patch: true, resource }];
		case `${type}List`: {
			const { items } = resource.props as { items?: T[] };
			return (items ?? []).map((object) => ({ object, patch: false, resource }));
		}
		default:
			return [];
	}
}
