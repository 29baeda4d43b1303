/** The pack under Pulumi's own policy runner, asked over the wire as the engine asks it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import analyzerRpc from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import analyzer from "@pulumi/pulumi/proto/analyzer_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import protobuf from "google-protobuf/google/protobuf/struct_pb.js";
import type { Declared } from "../../policies/commands/preview.ts";

const pack = fileURLToPath(new URL("../../policies", import.meta.url));

export class PolicyRunner {
	readonly #process: ChildProcess;
	readonly #client: analyzerRpc.AnalyzerClient;

	private constructor(process: ChildProcess, client: analyzerRpc.AnalyzerClient) {
		this.#process = process;
		this.#client = client;
	}

	static async start(): Promise<PolicyRunner> {
		const program = createRequire(import.meta.url).resolve("@pulumi/pulumi/cmd/run-policy-pack");
		// The first argument is the engine's address; the runner speaks to it only to log.
		const child = spawn(process.execPath, [program, "127.0.0.1:1", pack], {
			cwd: pack,
			stdio: ["ignore", "pipe", "inherit"],
		});
		const [port] = await once(createInterface({ input: child.stdout }), "line");
		const runner = new PolicyRunner(
			child,
			new analyzerRpc.AnalyzerClient(`127.0.0.1:${port}`, credentials.createInsecure()),
		);
		await runner.#configure();
		return runner;
	}

	/** What the engine does without a configuration of the user's: hands the pack its own back. */
	async #configure(): Promise<void> {
		const request = new analyzer.ConfigureAnalyzerRequest();
		const info = await call<analyzer.AnalyzerInfo>((callback) =>
			this.#client.getAnalyzerInfo(new empty.Empty(), callback),
		);
		info.getInitialconfigMap().forEach((config, policy) => {
			request.getPolicyconfigMap().set(policy, config);
		});
		await call((callback) => this.#client.configure(request, callback));
	}

	stop(): void {
		this.#client.close();
		this.#process.kill();
	}

	async info() {
		const info = await call<analyzer.AnalyzerInfo>((callback) =>
			this.#client.getAnalyzerInfo(new empty.Empty(), callback),
		);
		return info.toObject();
	}

	/** Judges the inputs of one resource, before it is created. */
	async analyze({ type, name, urn, inputs, ignoreChanges, protect }: Declared) {
		const request = new analyzer.AnalyzeRequest()
			.setType(type)
			.setName(name)
			.setUrn(urn)
			.setProperties(inputs)
			.setOptions(new analyzer.AnalyzerResourceOptions().setIgnorechangesList(ignoreChanges).setProtect(protect));
		return diagnostics(await call((callback) => this.#client.analyze(request, callback)));
	}

	/** Judges the stack as on a first preview, when the provider is not configured yet: all outputs are empty. */
	async analyzeStack(resources: readonly Declared[]) {
		const request = new analyzer.AnalyzeStackRequest().setResourcesList(
			resources.map(({ type, name, urn }) =>
				new analyzer.AnalyzerResource()
					.setType(type)
					.setName(name)
					.setUrn(urn)
					.setProperties(new protobuf.Struct())
					.setOptions(new analyzer.AnalyzerResourceOptions()),
			),
		);
		return diagnostics(await call((callback) => this.#client.analyzeStack(request, callback)));
	}
}

function diagnostics(response: analyzer.AnalyzeResponse) {
	return response.getDiagnosticsList().map((diagnostic) => diagnostic.toObject());
}

function call<Response>(send: (callback: (error: ServiceError | null, response: Response) => void) => void) {
	return new Promise<Response>((resolve, reject) => {
		send((error, response) => (error ? reject(error) : resolve(response)));
	});
}
