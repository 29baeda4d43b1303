/**
 * The resources that the engine has sent, with their inputs. The SDK gives each to the enabled policies about its type only,
 * and reads it again for each of them; here every rule reads the same resource.
 */
import { isDeepStrictEqual } from "node:util";
import { UnknownValueError, unknownCheckingProxy } from "@pulumi/policy";
import {
	onAnalyzeRequest,
	onAnalyzeStackRequest,
	onRemediateRequest,
	type Received,
} from "../../../src/sdk/analyzer-requests.ts";
import { localCommand, remoteCommand } from "../rke2/files.ts";
import { type Resource, UndecidableError } from "../rules/resource.ts";
import { virtualMachine } from "../vm/machines.ts";
import { inClearText } from "./clear-text.ts";
import { inputOfCreation } from "./inputs-of-creation.ts";

/** What every rule reads. */
export interface ReceivedResources {
	/** One resource, before the engine creates or updates it. */
	one(urn: string): Resource;
	/** All resources of the stack, at the end of a preview or an update. */
	stack(): readonly Resource[];
	/** Those of the stack that a rule about one resource has judged by former inputs, with the inputs that their provider got. */
	replaced(): readonly Resource[];
}

/**
 * Call it before the pack is served.
 *
 * @param remediate whether a policy may correct inputs
 */
export function receiveResources(remediate: () => boolean): ReceivedResources {
	const received = new Map<string, ReceivedResource>();
	let stack: readonly Resource[] = [];
	let replaced: readonly Resource[] = [];
	onAnalyzeRequest((resource, inputs) => received.set(resource.getUrn(), new ReceivedResource(resource, inputs)));
	onRemediateRequest(remediate);
	onAnalyzeStackRequest((resources) => {
		replaced = [];
		stack = resources.map(({ resource, output }) => {
			const before = received.get(resource.getUrn());
			const now = before && inReplacement(before, output);
			replaced = now ? [...replaced, now] : replaced;
			return now ?? before ?? unseen(resource);
		});
	});
	return { one: (urn) => received.get(urn)!, stack: () => stack, replaced: () => replaced };
}

/** It reads its inputs on demand, because no rule reads those of some resources. */
class ReceivedResource implements Resource {
	readonly type: string;
	readonly name: string;
	readonly urn: string;
	readonly opts: Resource["opts"];
	readonly #read: () => Record<string, unknown>;
	#inputs?: Record<string, unknown>;
	#props?: Resource["props"];

	constructor(resource: Received, read: () => Record<string, unknown>) {
		({ type: this.type, name: this.name, urn: this.urn, opts: this.opts } = described(resource));
		this.#read = read;
	}

	/** As the SDK gives them, with the sentinels of unknown values. */
	get inputs(): Record<string, unknown> {
		this.#inputs ??= inClearText(this.#read());
		return this.#inputs;
	}

	get props(): Resource["props"] {
		this.#props ??= guarded(this.inputs);
		return this.#props;
	}
}

/** Types with an input whose change they ignore, and which says what runs or who may log in. */
const keeping: ReadonlySet<string> = new Set([remoteCommand, localCommand, virtualMachine]);

/** Their plugin repeats them in a preview also where they are new. It does so for no secret (pulumi-go-provider, infer/resource.go). */
const repeatedAtPreview: ReadonlySet<string> = new Set(["create", "logging"]);

/**
 * A resource that is replaced, with the ignored inputs of the creation. The engine applies `ignoreChanges` to the inputs that it shows a
 * policy, and not to the creation of a replacement, also when only `replacementTrigger` asks for it (pulumi/pulumi,
 * pkg/resource/deploy/step_generator.go). The pack learns of these inputs from the outputs.
 *
 * @returns nothing when the pack has received the same inputs
 */
function inReplacement(received: ReceivedResource, output: (name: string) => unknown): Resource | undefined {
	if (!keeping.has(received.type)) {
		return undefined;
	}
	const created = received.opts.ignoreChanges.flatMap((name): [string, unknown][] => {
		const value = inClearText({ [name]: output(name) })[name];
		const former = received.inputs[name];
		const isUnknown = repeatedAtPreview.has(name) ? () => false : isSentinel;
		const now = value === undefined ? former : inputOfCreation(former, value, isUnknown);
		return isDeepStrictEqual(now, former) ? [] : [[name, now]];
	});
	if (created.length === 0) {
		return undefined;
	}
	const { type, name, urn, opts } = received;
	return { type, name, urn, opts, props: guarded({ ...received.inputs, ...Object.fromEntries(created) }) };
}

/**
 * A resource whose inputs the pack did not receive: a rule that reads one of them cannot decide. Pulumi gives the outputs of
 * a resource of the stack, and on the first preview of a cluster, whose kubeconfig is not known yet, the outputs of every
 * Kubernetes object are empty.
 */
function unseen(received: Received): Resource {
	const name = received.getName();
	const props = new Proxy<Resource["props"]>(
		{},
		{
			get: () => {
				throw new UndecidableError(`The inputs of ${name} have not reached the policy pack`);
			},
		},
	);
	return { ...described(received), props };
}

function described(received: Received): Omit<Resource, "props"> {
	const options = received.getOptions();
	return {
		type: received.getType(),
		name: received.getName(),
		urn: received.getUrn(),
		opts: {
			ignoreChanges: options?.getIgnorechangesList() ?? [],
			protect: options?.getProtect() ?? false,
			additionalSecretOutputs: options?.getAdditionalsecretoutputsList() ?? [],
		},
	};
}

/** Inputs whose unknown values throw when a rule reads them. Without one, a guard would only make each reading slower. */
function guarded(props: Resource["props"]): Resource["props"] {
	return hasUnknown(props) ? unknownCheckingProxy(props) : props;
}

function hasUnknown(value: unknown): boolean {
	return typeof value === "object" && value !== null ? Object.values(value).some(hasUnknown) : isSentinel(value);
}

/** The engine sends a UUID for an unknown value, one for each type. */
const lengthOfSentinel = 36;

function isSentinel(value: unknown): boolean {
	if (typeof value !== "string" || value.length !== lengthOfSentinel) {
		return false;
	}
	try {
		return unknownCheckingProxy([value])[0] !== value;
	} catch (error) {
		if (error instanceof UnknownValueError) {
			return true;
		}
		throw error;
	}
}
