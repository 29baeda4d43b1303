/** Sets what a rule would otherwise refuse, in the inputs of a resource, before anything is done with them. */
import { UnknownValueError, unknownCheckingProxy } from "@pulumi/policy";
import { unknownValue } from "@pulumi/pulumi/runtime/rpc.js";
import { type KubernetesObject, objectsOf } from "../kubernetes/objects.ts";
import { type Exception, isAccepted } from "../rules/exceptions.ts";
import { type Resource, UndecidableError } from "../rules/resource.ts";
import type { ObjectRule, Remedy } from "../rules/rule.ts";

type Member = string | number;

/**
 * Changes the inputs in place. An object under an exception is left as it is, and so is one that the rule cannot decide:
 * the judgement that follows says why.
 *
 * @param today as `YYYY-MM-DD`
 * @returns a sentence for each field that was set
 */
export function remediate(
	rule: ObjectRule,
	resource: Resource,
	exceptions: readonly Exception[],
	today: string,
): string[] {
	const done: string[] = [];
	if (!resource.type.startsWith("kubernetes:")) {
		return done;
	}
	// On a copy: the SDK's guard of secrets breaks the methods of lists, and a remedy is to see what a judgement sees.
	const seen = { ...resource, props: unknownCheckingProxy(copy(resource.props) as Record<string, unknown>) };
	for (const object of decidable(() => objectsOf(seen), [])) {
		const { subject, remedies } = decidable<Remedied>(() => remediesOf(rule, object, exceptions, today), {
			subject: "",
			remedies: [],
		});
		for (const { path, value } of remedies) {
			set(resource.props, [...object.origin!, ...path], value);
			done.push(`${rule.name} sets ${path.join(".")} of ${subject} to ${JSON.stringify(value)}.`);
		}
	}
	return done;
}

interface Remedied {
	subject: string;
	remedies: readonly Remedy[];
}

function remediesOf(
	rule: ObjectRule,
	object: KubernetesObject,
	exceptions: readonly Exception[],
	today: string,
): Remedied {
	const { origin, subject } = object;
	let violated = false;
	rule.checkObject(object, () => {
		violated = true;
	});
	const wanted = origin !== undefined && violated && !isAccepted(subject, exceptions, today);
	return { subject, remedies: (wanted && rule.remedies?.(object)) || [] };
}

function decidable<T>(decide: () => T, otherwise: T): T {
	try {
		return decide();
	} catch (error) {
		if (error instanceof UnknownValueError || error instanceof UndecidableError) {
			return otherwise;
		}
		throw error;
	}
}

function copy(value: unknown): unknown {
	if (typeof value !== "object" || value === null) {
		return value;
	}
	const entries = Object.keys(value).map((key) => [key, member(value as Record<string, unknown>, key)] as const);
	return Array.isArray(value) ? entries.map(([, content]) => content) : Object.fromEntries(entries);
}

function member(parent: Record<string, unknown>, key: string): unknown {
	try {
		return copy(parent[key]);
	} catch (error) {
		if (error instanceof UnknownValueError) {
			return unknownValue;
		}
		throw error;
	}
}

function set(inputs: Record<string, unknown>, path: readonly Member[], value: unknown): void {
	let parent = inputs as Record<Member, unknown>;
	for (const step of path.slice(0, -1)) {
		parent[step] ??= {};
		parent = parent[step] as Record<Member, unknown>;
	}
	parent[path.at(-1)!] = structuredClone(value);
}
