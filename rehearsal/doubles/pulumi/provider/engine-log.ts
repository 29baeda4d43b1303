/** Messages that the plugin shows through the engine that started it. */
import * as grpc from "@grpc/grpc-js";
import engineService from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engine from "@pulumi/pulumi/proto/engine_pb.js";

export class EngineLog {
	#client?: engineService.EngineClient;

	/** @param address `host:port`; a later call wins, as after a handshake */
	connect(address: string): void {
		this.#client?.close();
		this.#client = new engineService.EngineClient(address, grpc.credentials.createInsecure());
	}

	/**
	 * Log of one operation on one resource: its lines arrive in their order. They are status messages, as those of the
	 * real plugins: pulumi-command logs a command's output with `InfoStatus`.
	 */
	of(urn: string): OperationLog {
		return new OperationLog(this.#client, urn);
	}
}

export class OperationLog {
	readonly #client?: engineService.EngineClient;
	readonly #urn: string;
	#delivered: Promise<void> = Promise.resolve();

	constructor(client: engineService.EngineClient | undefined, urn: string) {
		this.#client = client;
		this.#urn = urn;
	}

	status(message: string): void {
		const request = new engine.LogRequest()
			.setSeverity(engine.LogSeverity.INFO)
			.setUrn(this.#urn)
			.setMessage(message)
			.setEphemeral(true);
		this.#delivered = this.#delivered.then(() => this.#send(request));
	}

	/** Resolves when the engine has every message. */
	delivered(): Promise<void> {
		return this.#delivered;
	}

	#send(request: engine.LogRequest): Promise<void> {
		return new Promise((resolve) => {
			if (!this.#client) {
				return resolve();
			}
			// An engine that takes no messages is about to end, and the operation's result matters more than a line.
			this.#client.log(request, () => resolve());
		});
	}
}
