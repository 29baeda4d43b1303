/**
 * The inputs of resources as the engine sends them to be judged, one after the other. The SDK hands them to enabled
 * policies only, each to those about its type; rules across resources need all of them, whatever is enabled.
 */
import { unknownCheckingProxy } from "@pulumi/policy";
import analyzerRpc from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import type { AnalyzeRequest } from "@pulumi/pulumi/proto/analyzer_pb.js";
import { inClearText } from "./clear-text.ts";
import type { Resource } from "./resource.ts";

/** To be called before the pack is served. */
export function onInputs(receive: (resource: Resource) => void): void {
	const method = analyzerRpc.AnalyzerService.analyze;
	const deserialize = method.requestDeserialize;
	method.requestDeserialize = (bytes) => {
		const request = deserialize(bytes);
		readOnce(request.getProperties());
		receive(resourceOf(request));
		return request;
	};
}

/** The SDK reads the message anew for every policy, and changes nothing in what it reads. */
function readOnce(properties: ReturnType<AnalyzeRequest["getProperties"]>): void {
	if (properties) {
		const plain = properties.toJavaScript();
		properties.toJavaScript = () => plain;
	}
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
