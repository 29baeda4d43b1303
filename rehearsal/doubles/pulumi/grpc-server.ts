/**
 * Serves a plugin as the engine expects it: the first line on standard output is the port, and the argument that is no
 * option is the engine's address (pulumi/pulumi, `sdk/go/common/resource/plugin/plugin.go`).
 */
import * as grpc from "@grpc/grpc-js";

/** A resource may be larger than gRPC's default of 4 MiB. This is the engine's own limit (`rpcutil.GrpcChannelOptions`). */
const messageLimits: grpc.ChannelOptions = {
	"grpc.max_receive_message_length": 400 << 20,
	"grpc.max_send_message_length": 400 << 20,
};

/** `host:port`, or undefined when the engine sends it only by a handshake. */
export function engineAddress(): string | undefined {
	return process.argv.slice(2).find((argument) => /^[^-].*:\d+$/.test(argument));
}

/** @param stop called before the process ends, after an interrupt of the engine or its end */
export function serveToEngine(
	service: grpc.ServiceDefinition,
	implementation: grpc.UntypedServiceImplementation,
	stop: () => void,
): void {
	const server = new grpc.Server(messageLimits);
	server.addService(service, implementation);
	server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
		if (error) {
			throw error;
		}
		process.stdout.write(`${port}\n`);
	});
	const end = () => {
		stop();
		process.exit();
	};
	// The engine keeps the other end open. It closes at any end of the engine.
	process.stdin.on("end", end).resume();
	// The engine interrupts its plugins at its end. Without this handler the signal would kill Node before it saves its
	// compile cache, which is half of the next start.
	process.on("SIGINT", end);
}
