/**
 * The requests of the engine to a policy pack, as they arrive. The SDK hands each policy only its own part of them. The
 * functions wrap how the SDK's service reads a request, so call them before the pack is served.
 */
import analyzerRpc from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import type { AnalyzeRequest, AnalyzerResource, ConfigureAnalyzerRequest } from "@pulumi/pulumi/proto/analyzer_pb.js";
import protobuf from "google-protobuf/google/protobuf/struct_pb.js";

/** @param receive gets the configuration of every policy */
export function onConfigureRequest(receive: (request: ConfigureAnalyzerRequest) => void): void {
	onRequest(analyzerRpc.AnalyzerService.configure, receive);
}

/**
 * The SDK gets no inputs: it would convert them again for every policy. No rule reads the provider.
 *
 * @param receive gets each resource with its inputs, also while no policy is enabled
 */
export function onAnalyzeRequest(receive: (request: AnalyzeRequest) => void): void {
	onRequest(analyzerRpc.AnalyzerService.analyze, (request) => {
		receive(request);
		request.setProperties(new protobuf.Struct());
		request.clearProvider();
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

function removeOutputs(resource: AnalyzerResource): void {
	const properties = resource.getProperties();
	if (properties) {
		properties.toJavaScript = () => ({});
	}
	resource.clearProvider();
}
