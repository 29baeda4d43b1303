/**
 * The inputs of resources as the engine sends them to be judged, one after the other. The SDK hands them to enabled
 * policies only, each to those about its type; rules across resources need all of them, whatever is enabled.
 */
import { unknownCheckingProxy } from "@pulumi/policy";
import type { AnalyzeRequest } from "@pulumi/pulumi/proto/analyzer_pb.js";
import { onAnalyzeRequest, removeStackOutputs } from "../../../src/sdk/analyzer-requests.ts";
import type { Resource } from "../rules/resource.ts";
import { inClearText } from "./clear-text.ts";

/** Call it before the pack is served. */
export function onInputs(receive: (resource: Resource) => void): void {
	onAnalyzeRequest((request) => receive(resourceOf(request)));
	removeStackOutputs();
}

/** Most are never asked for, so the inputs are read when they are. */
function resourceOf(request: AnalyzeRequest): Resource {
	let props: Resource["props"] | undefined;
	const options = request.getOptions();
	return {
		type: request.getType(),
		name: request.getName(),
		urn: request.getUrn(),
		get props() {
			props ??= unknownCheckingProxy(inClearText(request.getProperties()));
			return props;
		},
		opts: {
			ignoreChanges: options?.getIgnorechangesList() ?? [],
			protect: options?.getProtect() ?? false,
		},
	};
}
