/**
 * Serves a plugin as the engine expects it: the port is the first line on standard output, the engine's address is the
 * argument that is no option (pulumi/pulumi, `sdk/go/common/resource/plugin/plugin.go`).
 */
import * as grpc from "@grpc/grpc-js";

/** A resource can outgrow gRPC's default of 4 MiB; this is the engine's own limit (`rpcutil.GrpcChannelOptions`). */
const messageLimits: grpc.ChannelOptions = {
	"grpc.max_receive_message_length": 400 << 20,
	"grpc.max_send_message_length": 400 << 20,
};

/** `host:port`, or nothing when the engine tells it by a handshake only. */
export function engineAddress(): string | undefined {
	return process.argv.slice(2).find((argument) => /^[^-].*:\d+$/.test(argument));
}

/** @param stop is called before the process ends, because the engine interrupts it or is gone */
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
	// The engine keeps the other end open: it closes when the engine ends, however it ends.
	process.stdin.on("end", end).resume();
	// An engine that ends in good order interrupts its plugins. Killed by the signal, Node would not keep what it
	// compiled, which is half of the next start.
	process.on("SIGINT", end);
}
