/**
 * The requests of the engine to a policy pack, as they arrive. The SDK hands each policy only its own part of them. The
 * functions wrap how the SDK's service reads a request, so call them before the pack is served.
 *
 * The numbers of fields are those of
 * https://github.com/pulumi/pulumi/blob/v3.276.0/proto/pulumi/analyzer.proto
 */
import analyzerRpc from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import analyzer, { type ConfigureAnalyzerRequest } from "@pulumi/pulumi/proto/analyzer_pb.js";
import protobuf from "google-protobuf/google/protobuf/struct_pb.js";
import { readMember, readStruct, takeFields } from "./wire.ts";

const { AnalyzerService } = analyzerRpc;

/** Fields of a resource in a request, about one resource and about the whole stack alike. */
const fields = { properties: 2, provider: 6, propertyDependencies: 9 };
const stackResources = 1;

/** A resource as the engine sends it, without what no rule reads. */
export type Received = Pick<analyzer.AnalyzerResource, "getType" | "getName" | "getUrn" | "getOptions">;

/** @param receive gets the configuration of every policy */
export function onConfigureRequest(receive: (request: ConfigureAnalyzerRequest) => void): void {
	const read = AnalyzerService.configure.requestDeserialize;
	AnalyzerService.configure.requestDeserialize = (bytes) => {
		const request = read(bytes);
		receive(request);
		return request;
	};
}

/**
 * The SDK gets neither inputs nor provider: it would convert them again for every policy, and no rule reads the provider.
 *
 * @param receive gets each resource, also while no policy is enabled, and what reads its inputs: secrets and unknown values
 * are in the form in which the engine sends them
 */
export function onAnalyzeRequest(receive: (resource: Received, inputs: () => Record<string, unknown>) => void): void {
	const read = AnalyzerService.analyze.requestDeserialize;
	AnalyzerService.analyze.requestDeserialize = (bytes) => {
		const { rest, taken } = takeFields(bytes, [fields.properties, fields.provider]);
		const request = read(Buffer.from(rest)).setProperties(new protobuf.Struct());
		receive(request, () => readStruct(Buffer.concat(taken.get(fields.properties)!)));
		return request;
	};
}

/**
 * The SDK converts the inputs of each resource before it looks whether a policy may change them. Where none may, it gets neither
 * inputs nor provider.
 *
 * @param needsInputs whether one may
 */
export function onRemediateRequest(needsInputs: () => boolean): void {
	const read = AnalyzerService.remediate.requestDeserialize;
	AnalyzerService.remediate.requestDeserialize = (bytes) =>
		needsInputs()
			? read(bytes)
			: read(Buffer.from(takeFields(bytes, [fields.properties, fields.provider]).rest)).setProperties(
					new protobuf.Struct(),
				);
}

/**
 * The SDK gets an empty stack: it would convert all resources again for every policy about the stack.
 *
 * @param receive gets the resources of the whole stack, before a policy about the stack runs, and what reads one of their outputs
 */
export function onAnalyzeStackRequest(
	receive: (resources: readonly { resource: Received; output: (name: string) => unknown }[]) => void,
): void {
	const read = AnalyzerService.analyzeStack.requestDeserialize;
	AnalyzerService.analyzeStack.requestDeserialize = (bytes) => {
		const { rest, taken } = takeFields(bytes, [stackResources]);
		const resources = taken.get(stackResources)!.map((resource) => takeFields(resource, Object.values(fields)));
		receive(
			resources.map(({ rest, taken }) => ({
				resource: analyzer.AnalyzerResource.deserializeBinary(rest),
				output: (name) => readMember(Buffer.concat(taken.get(fields.properties)!), name),
			})),
		);
		return read(Buffer.from(rest));
	};
}
