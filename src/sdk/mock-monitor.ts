/** What a program registers with the engine, recorded from the SDK's mocks. */
import type {
	RegisterErrorHookRequest,
	RegisterResourceHookRequest,
	RegisterResourceRequest,
} from "@pulumi/pulumi/proto/resource_pb.js";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks.js";

// The mocks call the program's transforms by gRPC on loopback, and gRPC for Node would take a proxy for that, which never answers:
// https://github.com/grpc/grpc-node/blob/master/doc/environment_variables.md
process.env.no_grpc_proxy = "127.0.0.1";

// The SDK's mocks announce hooks, and have no method for them. The engine that the mocks replace never calls a hook.
Object.assign(MockMonitor.prototype, {
	registerResourceHook: (_: RegisterResourceHookRequest, respond: (error: null) => void) => respond(null),
	registerErrorHook: (_: RegisterErrorHookRequest, respond: (error: null) => void) => respond(null),
});

/**
 * @param receive gets each resource before the mocks do
 * @returns a function that ends the recording
 */
export function recordRegistrations(receive: (request: RegisterResourceRequest) => void): () => void {
	const register = MockMonitor.prototype.registerResource;
	MockMonitor.prototype.registerResource = function (this: MockMonitor, request, respond) {
		receive(request);
		return register.call(this, request, respond);
	};
	return () => {
		MockMonitor.prototype.registerResource = register;
	};
}
