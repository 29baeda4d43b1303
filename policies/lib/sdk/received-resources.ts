/**
 * The resources that the engine has sent, with their inputs. The SDK gives each to the enabled policies about its type only,
 * and reads it again for each of them; here every rule reads the same resource.
 */
import { UnknownValueError, unknownCheckingProxy } from "@pulumi/policy";
import {
	onAnalyzeRequest,
	onAnalyzeStackRequest,
	onRemediateRequest,
	type Received,
} from "../../../src/sdk/analyzer-requests.ts";
import { remoteCommand } from "../rke2/files.ts";
import { type Resource, UndecidableError } from "../rules/resource.ts";
import { inClearText } from "./clear-text.ts";

/** What every rule reads. */
export interface ReceivedResources {
	/** One resource, before the engine creates or updates it. */
	one(urn: string): Resource;
	/** All resources of the stack, at the end of a preview or an update. */
	stack(): readonly Resource[];
}

/**
 * Call it before the pack is served.
 *
 * @param remediate whether a policy may correct inputs
 */
export function receiveResources(remediate: () => boolean): ReceivedResources {
	const inputs = new Map<string, Resource>();
	let stack: readonly Resource[] = [];
	onAnalyzeRequest((resource, properties) => inputs.set(resource.getUrn(), resourceOf(resource, properties)));
	onRemediateRequest(remediate);
	onAnalyzeStackRequest((resources) => {
		stack = resources.map(({ resource, output }) => {
			const received = inputs.get(resource.getUrn());
			return received ? withOwnConnection(received, output) : unseen(resource);
		});
	});
	return { one: (urn) => inputs.get(urn)!, stack: () => stack };
}

/**
 * A command whose connection is that of its outputs. When an `up` failed in the middle of a replacement, the next one creates the
 * command with its new connection, and the pack receives the former one before: the engine keeps to `ignoreChanges` there, and not in
 * the creation (pulumi/pulumi, pkg/resource/deploy/step_generator.go, `PendingReplacement`). The provider repeats the connection in
 * the outputs.
 */
function withOwnConnection(received: Resource, output: (name: string) => unknown): Resource {
	if (received.type !== remoteCommand || !received.opts.ignoreChanges.includes("connection")) {
		return received;
	}
	const { connection } = inClearText({ connection: output("connection") });
	if (connection === undefined || hasUnknown(connection)) {
		return received;
	}
	const props = new Proxy(received.props, {
		get: (inputs, name) => (name === "connection" ? connection : Reflect.get(inputs, name)),
	});
	return { ...received, props };
}

/** Read on demand, because no rule reads the inputs of some resources. */
function resourceOf(received: Received, properties: () => Record<string, unknown>): Resource {
	let props: Resource["props"] | undefined;
	return {
		...described(received),
		get props() {
			props ??= guarded(inClearText(properties()));
			return props;
		},
	};
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
	if (typeof value === "object" && value !== null) {
		return Object.values(value).some(hasUnknown);
	}
	return typeof value === "string" && value.length === lengthOfSentinel && isSentinel(value);
}

/** The engine sends a UUID for an unknown value, one for each type. */
const lengthOfSentinel = 36;

function isSentinel(text: string): boolean {
	try {
		return unknownCheckingProxy([text])[0] !== text;
	} catch (error) {
		if (error instanceof UnknownValueError) {
			return true;
		}
		throw error;
	}
}
