/** Output properties of resources that are made when somebody reads them. */
import type { Resource } from "@pulumi/pulumi";
import { isGrpcError } from "@pulumi/pulumi/errors.js";
import { Output } from "@pulumi/pulumi/output.js";
import rpc from "@pulumi/pulumi/runtime/rpc.js";

interface Settled {
	value: unknown;
	isKnown: boolean;
	isSecret: boolean;
	dependencies: Resource[];
}

/** As the SDK calls it when the answer to a registration is there. */
type Settle = (value: unknown, isKnown: boolean, isSecret: boolean, dependencies?: Resource[], error?: unknown) => void;

/**
 * The SDK makes an output of each property of each resource, with a dozen promises that live as long as the program. The program reads
 * few of them, and the others are half of the memory of a stack of 800 nodes. Only an evaluation without an engine loads this module.
 */
rpc.transferProperties = (resource: Resource, label: string, properties: Record<string, unknown>) => {
	const names = Object.keys(properties).filter((name) => name !== "id" && name !== "urn");
	return Object.fromEntries(names.map((name) => [name, defineLazily(resource, label, name)]));
};

/** @returns what settles the property */
function defineLazily(resource: Resource, label: string, name: string): Settle {
	if (Object.hasOwn(resource, name)) {
		throw new Error(`Property '${name}' is already initialized on target '${label}`);
	}
	let output: unknown;
	let waiting: PromiseWithResolvers<Settled> | undefined;
	let answer: { settled: Settled } | { error: unknown } | undefined;
	const pass = () => {
		if (waiting && answer) {
			"settled" in answer ? waiting.resolve(answer.settled) : waiting.reject(answer.error);
		}
	};
	Object.defineProperty(resource, name, {
		configurable: true,
		enumerable: true,
		get() {
			if (output === undefined) {
				waiting = Promise.withResolvers();
				output = outputOf(resource, waiting.promise);
				pass();
			}
			return output;
		},
		set(value) {
			output = value;
		},
	});
	return (value, isKnown, isSecret, dependencies = [], error) => {
		// As the SDK does: the error of the registration itself says more.
		if (error && isGrpcError(error as Error)) {
			return;
		}
		answer = error ? { error } : { settled: { value, isKnown, isSecret, dependencies } };
		pass();
	};
}

function outputOf(resource: Resource, settled: Promise<Settled>): unknown {
	const part = <Key extends keyof Settled>(key: Key) => settled.then((all) => all[key]);
	// The SDK declares no constructor.
	return Reflect.construct(Output as unknown as new () => unknown, [
		resource,
		part("value"),
		part("isKnown"),
		part("isSecret"),
		part("dependencies"),
	]);
}
