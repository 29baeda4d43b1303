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
import type { Resource } from "../rules/resource.ts";
import { virtualMachine } from "../vm/machines.ts";
import { inClearText } from "./clear-text.ts";
import { inputOfCreation, isEmpty } from "./inputs-of-creation.ts";

/** What every rule reads. */
export interface ReceivedResources {
	/** One resource, before the engine creates or updates it. */
	one(urn: string): Resource;
	/**
	 * All resources of the stack that the program declares, at the end of a preview or an update. The engine has more in its list: those
	 * that `--refresh` has read and the same `up` deletes, and those that the program no longer declares and `--target` leaves out.
	 */
	stack(): readonly Resource[];
	/** The resources that a rule has judged by former inputs, with the inputs that their provider got. */
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
		stack = resources.flatMap(({ resource, output }) => {
			const before = received.get(resource.getUrn());
			const now = before && inReplacement(before, output);
			replaced = now ? [...replaced, now] : replaced;
			return now ?? before ?? [];
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

/** By type, an output that every resource of it has that was created. */
const created: Readonly<Record<string, string>> = {
	[remoteCommand]: "stdout",
	[localCommand]: "stdout",
	[virtualMachine]: "nodeName",
};

/** Their plugin shows them in a preview as wholly unknown, because they can be secret (pulumi-go-provider, infer/resource.go). */
const unknownAtPreview: ReadonlySet<string> = new Set(["connection", "stdin"]);

/** The path of an input as a whole. */
const wholeInput = /^\w+$/;

/** In a preview the provider of Proxmox knows no member that nobody has set, and no list with an element that it does not know. */
function isUnseenInPlan(former: unknown, output: unknown): boolean {
	return isSentinel(output) && (isEmpty(former) || Array.isArray(former));
}

/**
 * A resource that is replaced, with the ignored inputs of the creation. The engine applies `ignoreChanges` to the inputs that it shows a
 * policy, and not to the creation of a replacement, also when only `replacementTrigger` asks for it (pulumi/pulumi,
 * pkg/resource/deploy/step_generator.go). The pack learns of these inputs from the outputs.
 *
 * @returns nothing when the pack has received the same inputs
 */
function inReplacement(received: ReceivedResource, output: (name: string) => unknown): Resource | undefined {
	const { type, name, urn, opts, inputs } = received;
	const mark = created[type];
	if (mark === undefined || opts.ignoreChanges.length === 0 || output(mark) === undefined) {
		return undefined;
	}
	const isUnseen = type === virtualMachine ? isUnseenInPlan : () => false;
	const props = { ...inputs };
	for (const path of opts.ignoreChanges.filter((path) => wholeInput.test(path))) {
		const value = inClearText({ [path]: output(path) })[path];
		if (isSentinel(value) && unknownAtPreview.has(path)) {
			continue;
		}
		const now = inputOfCreation(inputs[path], value, isUnseen);
		if (now === undefined) {
			delete props[path];
		} else {
			props[path] = now;
		}
	}
	return isDeepStrictEqual(props, inputs)
		? undefined
		: { type, name, urn, opts, props: guarded(props), isReplacement: true };
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
