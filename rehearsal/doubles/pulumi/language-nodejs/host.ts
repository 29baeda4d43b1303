/**
 * The calls of pulumirpc.LanguageRuntime that the engine makes for `preview`, `up`, `refresh`, `destroy` and policy packs.
 * Written from the protocol (`language.proto`), and from how the official host passes a request on to the SDK's runners
 * (pulumi/pulumi, `sdk/nodejs/cmd/pulumi-language-nodejs`).
 */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import {
	type ServerWritableStream,
	type sendUnaryData,
	status,
	type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import language from "@pulumi/pulumi/proto/language_pb.js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { startRunner } from "./runner.ts";

/** Exit code of the SDK's runner after it has reported the error. The engine then reports nothing else. */
const alreadyExplained = 32;

/** Version of the SDK. */
const { version } = createRequire(import.meta.url)("@pulumi/pulumi/package.json") as { version: string };

type PluginStream = ServerWritableStream<language.RunPluginRequest, language.RunPluginResponse>;

export class LanguageHost {
	#engine: string;
	/** Running programs and policy packs. */
	readonly #children = new Set<ChildProcess>();

	/** @param engine address of the engine, which the runners log to. A handshake may replace it. */
	constructor(engine: string) {
		this.#engine = engine;
	}

	/** The handlers for a gRPC server. Other calls get UNIMPLEMENTED. */
	implementation(): UntypedServiceImplementation {
		return {
			handshake: unary((request: language.LanguageHandshakeRequest) => {
				this.#engine = request.getEngineAddress();
				return new language.LanguageHandshakeResponse();
			}),
			getPluginInfo: unary(() => new plugin.PluginInfo().setVersion(version)),
			// The engine loads each plugin when a resource needs it.
			getRequiredPackages: unary(() => new language.GetRequiredPackagesResponse()),
			run: unary((request: language.RunRequest) => this.#run(request)),
			runPlugin: (call: PluginStream) => this.#runPlugin(call),
			cancel: unary(() => {
				this.stop();
				return new empty.Empty();
			}),
		};
	}

	/** Interrupts the running programs and packs. */
	stop(): void {
		for (const child of this.#children) {
			child.kill("SIGINT");
		}
	}

	async #run(request: language.RunRequest): Promise<language.RunResponse> {
		const info = request.getInfo()!;
		if (info.getOptions()?.toJavaScript().typescript !== false) {
			return new language.RunResponse().setError(
				"The language host of the rehearsal runs programs with runtime.options.typescript: false in Pulumi.yaml.",
			);
		}
		const program = startRunner("run", info.getProgramDirectory(), this.#runnerArguments(request), {
			env: { ...process.env, ...configuration(request) },
			stdio: ["ignore", "inherit", "inherit"],
		});
		this.#children.add(program);
		const ended = once(program, "close").finally(() => this.#children.delete(program));
		const [code, signal] = (await ended) as [number | null, string | null];
		if (code === alreadyExplained) {
			return new language.RunResponse().setBail(true);
		}
		return new language.RunResponse().setError(
			code === 0
				? ""
				: code === null
					? `The program was ended by ${signal}.`
					: `The program ended with the exit code ${code}.`,
		);
	}

	#runnerArguments(request: language.RunRequest): string[] {
		const info = request.getInfo()!;
		const named = {
			monitor: request.getMonitorAddress(),
			engine: this.#engine,
			organization: request.getOrganization(),
			project: request.getProject(),
			stack: request.getStack(),
			"root-directory": info.getRootDirectory(),
			pwd: info.getProgramDirectory(),
			parallel: String(request.getParallel()),
		};
		return [
			...Object.entries(named).flatMap(([name, value]) => (value ? [`--${name}`, value] : [])),
			...(request.getDryrun() ? ["--dry-run"] : []),
			info.getEntryPoint(),
			...request.getArgsList(),
		];
	}

	#runPlugin(call: PluginStream): void {
		const request = call.request;
		if (request.getKind() !== "analyzer") {
			call.emit("error", {
				code: status.UNIMPLEMENTED,
				details: `The language host of the rehearsal starts policy packs; it cannot start a plugin of the kind ${request.getKind()}.`,
			});
			return;
		}
		const directory = request.getInfo()!.getProgramDirectory();
		let pack: ChildProcess;
		try {
			pack = startRunner("run-policy-pack", directory, [...request.getArgsList(), directory], {
				env: environmentOf(request.getEnvList()),
				stdio: ["ignore", "pipe", "pipe"],
			});
		} catch (error) {
			call.emit("error", { code: status.FAILED_PRECONDITION, details: (error as Error).message });
			return;
		}
		this.#children.add(pack);
		pack.stdout!.on("data", (chunk: Buffer) => call.write(new language.RunPluginResponse().setStdout(chunk)));
		pack.stderr!.on("data", (chunk: Buffer) => call.write(new language.RunPluginResponse().setStderr(chunk)));
		pack.on("error", (error) => call.emit("error", { code: status.FAILED_PRECONDITION, details: error.message }));
		pack.on("close", (code) => {
			this.#children.delete(pack);
			call.write(new language.RunPluginResponse().setExitcode(code ?? -1));
			call.end();
		});
		// The engine ends a pack by ending the call.
		call.on("cancelled", () => pack.kill());
	}
}

/** The configuration in the SDK's variables: all values as text, and the keys of secrets. */
function configuration(request: language.RunRequest): NodeJS.ProcessEnv {
	return {
		PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().entries())),
		PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
	};
}

/** @param list `NAME=value` each */
function environmentOf(list: readonly string[]): NodeJS.ProcessEnv {
	return Object.fromEntries(list.map((entry) => entry.split(/=(.*)/s).slice(0, 2)));
}

/** A handler of one request and one answer. The engine gets the message of its error. */
function unary<Request, Response>(answer: (request: Request) => Response | Promise<Response>) {
	return async ({ request }: { request: Request }, done: sendUnaryData<Response>) => {
		try {
			done(null, await answer(request));
		} catch (error) {
			done({ code: status.UNKNOWN, details: (error as Error).message });
		}
	};
}
