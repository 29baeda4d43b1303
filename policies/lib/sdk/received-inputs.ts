/**
 * The inputs of resources, in the order in which the engine sends them. The SDK gives each to the enabled policies about its
 * type only, and reads it again for each of them; here every rule reads the same resource.
 */
import { UnknownValueError, unknownCheckingProxy } from "@pulumi/policy";
import type { AnalyzeRequest } from "@pulumi/pulumi/proto/analyzer_pb.js";
import { onAnalyzeRequest, removeStackOutputs } from "../../../src/sdk/analyzer-requests.ts";
import type { Resource } from "../rules/resource.ts";
import { inClearText } from "./clear-text.ts";

/** Call it before the pack is served. */
export function onInputs(receive: (resource: Resource) => void): void {
	onAnalyzeRequest((request) => receive(resourceOf(request)));
	removeStackOutputs();
}

/** Read on demand, because no rule reads the inputs of some resources. */
function resourceOf(request: AnalyzeRequest): Resource {
	let props: Resource["props"] | undefined;
	const options = request.getOptions();
	const inputs = request.getProperties();
	return {
		type: request.getType(),
		name: request.getName(),
		urn: request.getUrn(),
		get props() {
			props ??= guarded(inClearText(inputs));
			return props;
		},
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
