/**
 * The inputs of resources, in the order in which the engine sends them. The SDK gives each to the enabled policies about its
 * type only; rules across resources need all of them.
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

/** Read on demand, because no rule reads the inputs of most resources. */
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
