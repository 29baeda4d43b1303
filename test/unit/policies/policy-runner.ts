/** The pack under Pulumi's own policy runner, asked over the wire as the engine asks it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import type { PolicyPackConfig } from "@pulumi/policy";
import analyzerRpc from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import analyzer from "@pulumi/pulumi/proto/analyzer_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import protobuf from "google-protobuf/google/protobuf/struct_pb.js";
import type { Declared } from "../../../compliance/evaluation/preview.ts";
import { policyConfiguration } from "./policy-configuration.ts";

const pack = fileURLToPath(new URL("../../../policies", import.meta.url));

export class PolicyRunner {
	readonly #process: ChildProcess;
	readonly #client: analyzerRpc.AnalyzerClient;

	private constructor(process: ChildProcess, client: analyzerRpc.AnalyzerClient) {
		this.#process = process;
		this.#client = client;
	}

	/** @param config as a file for `--policy-pack-config` holds it */
	static async start(config: PolicyPackConfig = {}): Promise<PolicyRunner> {
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
		try {
			await runner.#configure(config);
		} catch (error) {
			runner.stop();
			throw error;
		}
		return runner;
	}

	async #configure(config: PolicyPackConfig): Promise<void> {
		const info = await call<analyzer.AnalyzerInfo>((callback) =>
			this.#client.getAnalyzerInfo(new empty.Empty(), callback),
		);
		const request = policyConfiguration(info, JSON.stringify(config));
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

	/** Evaluates the inputs of one resource, before it is created. */
	async analyze(resource: Declared) {
		return diagnostics(await call((callback) => this.#client.analyze(requestOf(resource), callback)));
	}

	/** The inputs after each policy at the level `remediate`, in the form of the wire. */
	async remediate(resource: Declared) {
		const response = await call<analyzer.RemediateResponse>((callback) =>
			this.#client.remediate(requestOf(resource), callback),
		);
		return response.getRemediationsList().map((remediation) => ({
			policy: remediation.getPolicyname(),
			inputs: remediation.getProperties(),
			failure: remediation.getDiagnostic(),
		}));
	}

	/** Evaluates the stack as on a first preview, when the provider is not configured yet: all outputs are empty. */
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

function requestOf({
	type,
	name,
	urn,
	inputs,
	ignoreChanges,
	protect,
	additionalSecretOutputs = [],
}: Declared): analyzer.AnalyzeRequest {
	return new analyzer.AnalyzeRequest()
		.setType(type)
		.setName(name)
		.setUrn(urn)
		.setProperties(inputs)
		.setOptions(
			new analyzer.AnalyzerResourceOptions()
				.setIgnorechangesList(ignoreChanges)
				.setProtect(protect)
				.setAdditionalsecretoutputsList(additionalSecretOutputs),
		);
}

function diagnostics(response: analyzer.AnalyzeResponse) {
	return response.getDiagnosticsList().map((diagnostic) => diagnostic.toObject());
}

function call<Response>(send: (callback: (error: ServiceError | null, response: Response) => void) => void) {
	return new Promise<Response>((resolve, reject) => {
		send((error, response) => (error ? reject(error) : resolve(response)));
	});
}
