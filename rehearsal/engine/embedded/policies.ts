/** The engine's side of pulumirpc.Analyzer: shows resources to a policy pack that the SDK's policy runner serves. */
import { readFileSync } from "node:fs";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import analyzerRpc from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import analyzer from "@pulumi/pulumi/proto/analyzer_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import type { EngineOptions, PolicyViolation } from "../engine.ts";
import type { Recorder } from "../recorder.ts";
import type { Goal } from "./goal.ts";
import { MESSAGE_LIMITS } from "./message-limits.ts";
import { startRunner } from "./node-process.ts";
import { policyConfiguration } from "./policy-configuration.ts";
import type { ResourceState } from "./state.ts";
import { fromStruct, type Properties, toStruct } from "./wire.ts";

const LEVELS: Record<number, PolicyViolation["level"]> = {
	[analyzer.EnforcementLevel.ADVISORY]: "advisory",
	[analyzer.EnforcementLevel.MANDATORY]: "mandatory",
	[analyzer.EnforcementLevel.REMEDIATE]: "remediate",
	[analyzer.EnforcementLevel.DISABLED]: "disabled",
};

interface Shown extends Pick<Goal, "type" | "name" | "parent" | "protect"> {
	urn: string;
	inputs: Properties;
	goal?: Pick<Goal, "ignoreChanges" | "deleteBeforeReplace" | "additionalSecretOutputs" | "customTimeouts">;
}

/** The pack could not be asked at all: its code or its package is broken. */
export class PackFailure extends Error {}

export class Policies {
	readonly #client: analyzerRpc.AnalyzerClient;
	readonly #recorder: Recorder;
	readonly #dryRun: boolean;
	readonly #stop: () => void;

	private constructor(client: analyzerRpc.AnalyzerClient, recorder: Recorder, dryRun: boolean, stop: () => void) {
		this.#client = client;
		this.#recorder = recorder;
		this.#dryRun = dryRun;
		this.#stop = stop;
	}

	/** Starts and configures the pack; rejects with `PackFailure` when it does not come up. */
	static async start(pack: string, engine: string, options: EngineOptions, dryRun: boolean, recorder: Recorder) {
		let announce: (port: string) => void;
		const port = new Promise<string>((resolve) => {
			announce = resolve;
		});
		const environment = { ...process.env, ...options.environment };
		const errors: string[] = [];
		const runner = startRunner("cmd/run-policy-pack", [engine, pack], pack, environment, (line, stream) => {
			if (stream === "stdout" && /^\d+$/.test(line)) {
				announce(line);
			} else {
				errors.push(line);
			}
		});
		const ended = runner.ended.then(() => {
			throw new PackFailure(`The policy pack ${pack} did not start: ${errors.join(" ")}`);
		});
		const client = new analyzerRpc.AnalyzerClient(
			`127.0.0.1:${await Promise.race([port, ended])}`,
			credentials.createInsecure(),
			MESSAGE_LIMITS,
		);
		ended.catch(() => {});
		const policies = new Policies(client, recorder, dryRun, () => {
			client.close();
			runner.child.kill();
		});
		try {
			await policies.#configure(options.policyPackConfig);
		} catch (error) {
			policies.stop();
			throw new PackFailure((error as Error).message);
		}
		return policies;
	}

	stop(): void {
		this.#stop();
	}

	/** Remediates, then judges a resource before anything is done to it. Rejects when an update must not go on. */
	async review(shown: Shown & Goal, provider: ResourceState | undefined): Promise<Properties> {
		const request = requestOf({ ...shown, goal: shown });
		if (provider) {
			request.setProvider(providerOf(provider));
		}
		const remedies = await call<analyzer.RemediateResponse>((done) => this.#client.remediate(request, done));
		for (const remedy of remedies.getRemediationsList()) {
			const [policy, failure] = [remedy.getPolicyname(), remedy.getDiagnostic()];
			if (failure) {
				this.#recorder.violation({ policy, level: "advisory", urn: shown.urn, message: failure });
				continue;
			}
			request.setProperties(remedy.getProperties());
			this.#recorder.remediation(policy, shown.urn);
		}
		const verdict = await call<analyzer.AnalyzeResponse>((done) => this.#client.analyze(request, done));
		this.#recorder.evaluated();
		const broken = this.#record(verdict, shown.urn);
		if (broken.length > 0 && !this.#dryRun) {
			throw new Error(`breaks the mandatory policy ${broken.join(", ")}`);
		}
		return fromStruct(request.getProperties());
	}

	/** Judges the stack as a whole, by the outputs of its resources. */
	async analyzeStack(resources: ResourceState[]): Promise<void> {
		const request = new analyzer.AnalyzeStackRequest();
		request.setResourcesList(resources.map(analyzerResourceOf));
		this.#record(await call((done) => this.#client.analyzeStack(request, done)));
	}

	async #configure(file: string | undefined): Promise<void> {
		const info = await call<analyzer.AnalyzerInfo>((done) => this.#client.getAnalyzerInfo(new empty.Empty(), done));
		const request = policyConfiguration(info, file && readFileSync(file, "utf8"));
		await call((done) => this.#client.configure(request, done));
	}

	#record(response: analyzer.AnalyzeResponse, urn?: string): string[] {
		const broken: string[] = [];
		for (const diagnostic of response.getDiagnosticsList()) {
			const violation: PolicyViolation = {
				policy: diagnostic.getPolicyname(),
				level: LEVELS[diagnostic.getEnforcementlevel()] ?? "advisory",
				urn: diagnostic.getUrn() || urn,
				message: diagnostic.getMessage(),
			};
			this.#recorder.violation(violation);
			if (violation.level === "mandatory") {
				broken.push(violation.policy);
			}
		}
		return broken;
	}
}

function call<Response>(send: (done: (error: ServiceError | null, response: Response) => void) => unknown) {
	return new Promise<Response>((resolve, reject) => {
		send((error, response) =>
			error ? reject(new Error(`The policy pack failed: ${error.details}`)) : resolve(response),
		);
	});
}

function requestOf(shown: Shown): analyzer.AnalyzeRequest {
	const request = new analyzer.AnalyzeRequest();
	request.setType(shown.type);
	request.setName(shown.name);
	request.setUrn(shown.urn);
	request.setProperties(toStruct(shown.inputs));
	request.setOptions(optionsOf(shown));
	return request;
}

function optionsOf({
	parent,
	protect,
	goal,
}: Pick<Shown, "parent" | "protect" | "goal">): analyzer.AnalyzerResourceOptions {
	const options = new analyzer.AnalyzerResourceOptions();
	options.setParent(parent);
	options.setProtect(protect);
	const timeouts = new analyzer.AnalyzerResourceOptions.CustomTimeouts();
	timeouts.setCreate(goal?.customTimeouts.create ?? 0);
	timeouts.setUpdate(goal?.customTimeouts.update ?? 0);
	timeouts.setDelete(goal?.customTimeouts.delete ?? 0);
	options.setCustomtimeouts(timeouts);
	options.setIgnorechangesList(goal?.ignoreChanges ?? []);
	options.setAdditionalsecretoutputsList(goal?.additionalSecretOutputs ?? []);
	options.setDeletebeforereplacedefined(goal?.deleteBeforeReplace !== undefined);
	options.setDeletebeforereplace(goal?.deleteBeforeReplace ?? false);
	return options;
}

function providerOf(provider: ResourceState): analyzer.AnalyzerProviderResource {
	const resource = new analyzer.AnalyzerProviderResource();
	resource.setType(provider.type);
	resource.setUrn(provider.urn);
	resource.setName(nameOf(provider));
	resource.setProperties(toStruct(provider.inputs));
	return resource;
}

function analyzerResourceOf(state: ResourceState): analyzer.AnalyzerResource {
	const resource = new analyzer.AnalyzerResource();
	resource.setType(state.type);
	resource.setUrn(state.urn);
	resource.setName(nameOf(state));
	resource.setProperties(toStruct(state.outputs));
	resource.setOptions(optionsOf(state));
	resource.setParent(state.parent);
	resource.setDependenciesList(state.dependencies);
	for (const [key, urns] of Object.entries(state.propertyDependencies)) {
		const dependencies = new analyzer.AnalyzerPropertyDependencies();
		dependencies.setUrnsList(urns);
		resource.getPropertydependenciesMap().set(key, dependencies);
	}
	return resource;
}

function nameOf(state: ResourceState): string {
	return state.urn.split("::").at(-1) ?? state.urn;
}
