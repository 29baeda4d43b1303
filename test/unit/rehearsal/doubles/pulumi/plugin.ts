/** A provider plugin in a process of its own, which the test talks to as the engine does. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { delimiter, dirname } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import * as grpc from "@grpc/grpc-js";
import engineService from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import type engine from "@pulumi/pulumi/proto/engine_pb.js";
import providerService from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { onTestFinished } from "vitest";
import { fromStruct, type Properties, toStruct } from "../../../../../rehearsal/doubles/pulumi/provider/values.ts";

const plugins = fileURLToPath(new URL("../../../../../rehearsal/doubles/pulumi/", import.meta.url));

/** Resources of the tests are all called `it`. */
export const urnOf = (type: string) => `urn:pulumi:test::project::${type}::it`;

export interface Options {
	preview?: boolean;
	/** Seconds. */
	timeout?: number;
}

export class Plugin {
	/** What the plugin showed through the engine. */
	readonly messages: engine.LogRequest.AsObject[];
	readonly client: providerService.ResourceProviderClient;
	readonly process: ChildProcess;
	readonly engineAddress: string;

	private constructor(
		process: ChildProcess,
		port: string,
		engineAddress: string,
		messages: engine.LogRequest.AsObject[],
	) {
		const limits = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };
		const credentials = grpc.credentials.createInsecure();
		this.client = new providerService.ResourceProviderClient(`127.0.0.1:${port}`, credentials, limits);
		this.process = process;
		this.engineAddress = engineAddress;
		this.messages = messages;
	}

	/** @param name folder of the double */
	static async start(name: "command" | "tls"): Promise<Plugin> {
		const messages: engine.LogRequest.AsObject[] = [];
		const address = await startEngine(messages);
		const child = spawn(`${plugins}${name}/plugin.sh`, ["--logtostderr", "-v=9", address], {
			env: { ...process.env, PATH: [dirname(process.execPath), process.env.PATH].join(delimiter) },
			stdio: ["pipe", "pipe", "inherit"],
		});
		onTestFinished(() => {
			child.kill();
		});
		const [port] = (await once(createInterface(child.stdout), "line")) as [string];
		const plugin = new Plugin(child, port, address, messages);
		onTestFinished(() => plugin.client.close());
		return plugin;
	}

	async check(type: string, inputs: Properties): Promise<{ inputs: Properties; problems: string[] }> {
		const request = new provider.CheckRequest().setUrn(urnOf(type)).setType(type).setNews(toStruct(inputs));
		const response = await this.call<provider.CheckResponse>("check", request);
		return { inputs: fromStruct(response.getInputs()), problems: problemsOf(response) };
	}

	/** What has changed, by path. */
	async diff(type: string, before: Properties, after: Properties) {
		const request = new provider.DiffRequest()
			.setId("id")
			.setUrn(urnOf(type))
			.setType(type)
			.setOlds(toStruct(before))
			.setOldInputs(toStruct(before))
			.setNews(toStruct(after));
		const response = await this.call<provider.DiffResponse>("diff", request);
		const kinds = Object.fromEntries(Object.entries(provider.PropertyDiff.Kind).map(([name, kind]) => [kind, name]));
		const details = response.getDetaileddiffMap().toArray() as unknown as [string, [number]][];
		return {
			changes: response.getChanges() === provider.DiffResponse.DiffChanges.DIFF_SOME,
			replaces: response.getReplacesList(),
			diffs: response.getDiffsList().sort(),
			details: Object.fromEntries(
				details.map(([path]) => [path, kinds[response.getDetaileddiffMap().get(path)!.getKind()]]),
			),
		};
	}

	async create(type: string, inputs: Properties, { preview = false, timeout = 0 }: Options = {}) {
		const request = new provider.CreateRequest()
			.setUrn(urnOf(type))
			.setType(type)
			.setProperties(toStruct(inputs))
			.setPreview(preview)
			.setTimeout(timeout);
		const response = await this.call<provider.CreateResponse>("create", request);
		return { id: response.getId(), outputs: fromStruct(response.getProperties()) };
	}

	async update(
		type: string,
		before: Properties,
		inputs: Properties,
		{ preview = false, timeout = 0 }: Options = {},
	): Promise<Properties> {
		const request = new provider.UpdateRequest()
			.setId("id")
			.setUrn(urnOf(type))
			.setType(type)
			.setOlds(toStruct(before))
			.setNews(toStruct(inputs))
			.setPreview(preview)
			.setTimeout(timeout);
		return fromStruct((await this.call<provider.UpdateResponse>("update", request)).getProperties());
	}

	async delete(type: string, state: Properties): Promise<void> {
		const { stdout: _, stderr: __, ...inputs } = state;
		const request = new provider.DeleteRequest()
			.setId("id")
			.setUrn(urnOf(type))
			.setType(type)
			.setProperties(toStruct(state))
			.setOldInputs(toStruct(inputs));
		await this.call("delete", request);
	}

	async cancel(): Promise<void> {
		await this.call("cancel", new empty.Empty());
	}

	/** Rejects with the text that the engine would show. */
	call<Response>(method: keyof providerService.ResourceProviderClient, request: unknown): Promise<Response> {
		return new Promise((resolve, reject) => {
			const done = (error: grpc.ServiceError | null, response: Response) =>
				error ? reject(new Error(error.details)) : resolve(response);
			(this.client[method] as (...args: unknown[]) => unknown)(request, done);
		});
	}

	/** Messages of the resource of this type, which are all status messages of the lowest shown severity. */
	linesOf(type: string): string[] {
		return this.messages
			.filter(({ urn, severity, ephemeral }) => urn === urnOf(type) && severity === 1 && ephemeral)
			.map(({ message }) => message);
	}
}

/** None names a property: the engine would add the property's value, secret or not. */
export function problemsOf(response: provider.CheckResponse): string[] {
	return response.getFailuresList().map((failure) => `${failure.getProperty()}${failure.getReason()}`);
}

async function startEngine(messages: engine.LogRequest.AsObject[]): Promise<string> {
	const server = new grpc.Server();
	server.addService(engineService.EngineService, {
		log: (call: { request: engine.LogRequest }, done: grpc.sendUnaryData<empty.Empty>) => {
			messages.push(call.request.toObject());
			done(null, new empty.Empty());
		},
	} as unknown as grpc.UntypedServiceImplementation);
	onTestFinished(() => server.forceShutdown());
	const port = await new Promise<number>((resolve, reject) => {
		server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
			error ? reject(error) : resolve(bound),
		);
	});
	return `127.0.0.1:${port}`;
}
