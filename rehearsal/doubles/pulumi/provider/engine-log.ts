/** Messages of the plugin in the engine's display. */
import * as grpc from "@grpc/grpc-js";
import engineService from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engine from "@pulumi/pulumi/proto/engine_pb.js";

export class EngineLog {
	#client?: engineService.EngineClient;

	/** @param address `host:port`; a later call replaces it, as after a handshake */
	connect(address: string): void {
		this.#client?.close();
		this.#client = new engineService.EngineClient(address, grpc.credentials.createInsecure());
	}

	/**
	 * The log of one operation on one resource. Its lines keep their order. Like pulumi-command, it logs status messages
	 * (`InfoStatus`).
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
			// Errors are ignored: an engine that accepts no messages is ending, and the result of the operation matters more.
			this.#client.log(request, () => resolve());
		});
	}
}
