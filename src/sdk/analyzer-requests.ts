/**
 * The requests of the engine to a policy pack, as they arrive. The SDK hands each policy only its own part of them. The
 * functions wrap how the SDK's service reads a request, so call them before the pack is served.
 */
import analyzerRpc from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import type { AnalyzeRequest, AnalyzerResource, ConfigureAnalyzerRequest } from "@pulumi/pulumi/proto/analyzer_pb.js";

/** @param receive gets the configuration of every policy */
export function onConfigureRequest(receive: (request: ConfigureAnalyzerRequest) => void): void {
	onRequest(analyzerRpc.AnalyzerService.configure, receive);
}

/** @param receive gets each resource with its inputs, also while no policy is enabled */
export function onAnalyzeRequest(receive: (request: AnalyzeRequest) => void): void {
	onRequest(analyzerRpc.AnalyzerService.analyze, (request) => {
		readOnce(request);
		receive(request);
	});
}

/**
 * Removes the outputs from the requests about the whole stack: the rules across resources read inputs, and the SDK would
 * convert the outputs again for every such rule.
 */
export function removeStackOutputs(): void {
	onRequest(analyzerRpc.AnalyzerService.analyzeStack, (request) => {
		request.getResourcesList().forEach(removeOutputs);
	});
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

/** The SDK converts the message again for every policy, and changes nothing in it. No rule reads the provider. */
function readOnce(request: AnalyzeRequest): void {
	const properties = request.getProperties();
	if (properties) {
		const plain = properties.toJavaScript();
		properties.toJavaScript = () => plain;
	}
	request.clearProvider();
}

function removeOutputs(resource: AnalyzerResource): void {
	const properties = resource.getProperties();
	if (properties) {
		properties.toJavaScript = () => ({});
	}
	resource.clearProvider();
}
