/** Corrects the inputs of a resource before Pulumi uses them, where a rule would refuse them. */
import { UnknownValueError, unknownCheckingProxy } from "@pulumi/policy";
import { unknownValue } from "@pulumi/pulumi/runtime/rpc.js";
import { type KubernetesObject, objectsOf, resourceOf } from "../kubernetes/objects.ts";
import { findViolations } from "./evaluate.ts";
import { isAccepted } from "./exceptions.ts";
import { type Resource, UndecidableError } from "./resource.ts";
import type { ObjectRule, Remedy } from "./rule.ts";
import type { Exception } from "./violation.ts";

type Member = string | number;

/**
 * Changes the inputs in place. An object under an exception stays as it is, and so does one that the rule cannot decide:
 * the evaluation that follows says why.
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
	// On a copy: the SDK's guard of secrets breaks the methods of lists, and a remedy has to see what an evaluation sees.
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
	const found = findViolations(rule, [resourceOf(object, "")]);
	// A violation without a subject is one that could not be decided.
	const decided = found.length > 0 && found.every((violation) => violation.subject !== undefined);
	const wanted = origin !== undefined && decided && !isAccepted(subject, exceptions, today);
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
