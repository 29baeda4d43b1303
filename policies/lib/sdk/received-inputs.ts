/**
 * The inputs of resources as the engine sends them to be judged, one after the other. The SDK hands them to enabled
 * policies only, each to those about its type; rules across resources need all of them, whatever is enabled.
 */
import { unknownCheckingProxy } from "@pulumi/policy";
import analyzerRpc from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import type { AnalyzeRequest, AnalyzerResource } from "@pulumi/pulumi/proto/analyzer_pb.js";
import type { Resource } from "../rules/resource.ts";
import { inClearText } from "./clear-text.ts";

/** To be called before the pack is served. */
export function onInputs(receive: (resource: Resource) => void): void {
	onRequest(analyzerRpc.AnalyzerService.analyze, (request) => {
		readOnce(request);
		receive(resourceOf(request));
	});
	onRequest(analyzerRpc.AnalyzerService.analyzeStack, (request) => request.getResourcesList().forEach(leaveOut));
}

function onRequest<Request>(
	method: { requestDeserialize: (bytes: Buffer) => Request },
	receive: (request: Request) => void,
): void {
	const deserialize = method.requestDeserialize;
	method.requestDeserialize = (bytes) => {
		const request = deserialize(bytes);
		receive(request);
		return request;
	};
}

/** The SDK reads the message anew for every policy, and changes nothing in what it reads. No rule reads the provider. */
function readOnce(request: AnalyzeRequest): void {
	const properties = request.getProperties();
	if (properties) {
		const plain = properties.toJavaScript();
		properties.toJavaScript = () => plain;
	}
	request.clearProvider();
}

/** These are outputs; rules across resources judge inputs, and the SDK would read them anew for every such rule. */
function leaveOut(resource: AnalyzerResource): void {
	const properties = resource.getProperties();
	if (properties) {
		properties.toJavaScript = () => ({});
	}
	resource.clearProvider();
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
