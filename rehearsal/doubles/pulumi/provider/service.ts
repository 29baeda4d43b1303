/**
 * pulumirpc.ResourceProvider for a table of resource types. Written from the protocol (`provider.proto`), and from what
 * pulumi-go-provider, on which the real command plugin stands, answers to each call. A call that is not here answers
 * UNIMPLEMENTED: Parameterize, Call, Construct and List.
 */
import * as grpc from "@grpc/grpc-js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import type struct from "google-protobuf/google/protobuf/struct_pb.js";
import { failure, problemsOf } from "./check.ts";
import { differenceOf } from "./diff.ts";
import type { EngineLog } from "./engine-log.ts";
import type { PluginPackage } from "./package.ts";
import type { ExistingRequest, ResourceType } from "./resource-type.ts";
import { fromStruct, type Properties, toStruct, withoutNulls } from "./values.ts";

/** Properties of a provider's configuration that the engine and the SDKs add. */
const engineProperties = new Set(["version", "pluginDownloadURL", "__internal"]);

interface OperationRequest {
	getUrn(): string;
	getTimeout(): number;
}

export class ProviderService {
	readonly #plugin: PluginPackage;
	readonly #types: Record<string, ResourceType>;
	readonly #log: EngineLog;
	readonly #cancelled = new AbortController();

	/** @param types by token, such as `command:local:Command` */
	constructor(plugin: PluginPackage, types: Record<string, ResourceType>, log: EngineLog) {
		this.#plugin = plugin;
		this.#types = types;
		this.#log = log;
	}

	/** The handlers for a gRPC server. */
	implementation(): grpc.UntypedServiceImplementation {
		return {
			...this.#calls(),
			check: unary((request: provider.CheckRequest) => this.#check(request)),
			diff: unary((request: provider.DiffRequest) => this.#diff(request)),
			create: unary((request: provider.CreateRequest) => this.#create(request)),
			read: unary((request: provider.ReadRequest) => this.#read(request)),
			update: unary((request: provider.UpdateRequest) => this.#update(request)),
			delete: unary((request: provider.DeleteRequest) => this.#delete(request)),
		};
	}

	/** Ends running and later operations: pulumi-go-provider, `middleware/cancel`. */
	cancel(): void {
		this.#cancelled.abort();
	}

	/** Calls about the plugin itself. */
	#calls(): grpc.UntypedServiceImplementation {
		return {
			handshake: unary((request: provider.ProviderHandshakeRequest) => {
				this.#log.connect(request.getEngineAddress());
				return new provider.ProviderHandshakeResponse().setAcceptSecrets(true).setAcceptResources(true);
			}),
			attach: unary((request: plugin.PluginAttach) => {
				this.#log.connect(request.getAddress());
				return new empty.Empty();
			}),
			getPluginInfo: unary(() => new plugin.PluginInfo().setVersion(this.#plugin.version)),
			getSchema: unary(() => new provider.GetSchemaResponse().setSchema(this.#schema())),
			getMapping: unary(() => new provider.GetMappingResponse()),
			getMappings: unary(() => new provider.GetMappingsResponse()),
			checkConfig: unary((request: provider.CheckRequest) => this.#checkConfig(request)),
			diffConfig: unary((request: provider.DiffRequest) =>
				differenceOf(ofTheProgram(request.getOldInputs()), ofTheProgram(request.getNews()), () => false),
			),
			configure: unary(() =>
				new provider.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true).setAcceptresources(true),
			),
			invoke: unary((request: provider.InvokeRequest) => {
				throw new Error(this.#unsupported(`the function ${request.getTok()}`));
			}),
			cancel: unary(() => {
				this.cancel();
				return new empty.Empty();
			}),
		};
	}

	/** The smallest valid schema. Programs do not need one, because the SDK's classes have it. */
	#schema(): string {
		const resources = Object.fromEntries(Object.keys(this.#types).map((token) => [token, {}]));
		return JSON.stringify({ name: this.#plugin.name, version: this.#plugin.version, resources });
	}

	#checkConfig(request: provider.CheckRequest): provider.CheckResponse {
		const unknown = Object.keys(ofTheProgram(request.getNews()));
		return new provider.CheckResponse()
			.setInputs(request.getNews())
			.setFailuresList(unknown.map((key) => failure(this.#unsupported(`the configuration ${key}`))));
	}

	#check(request: provider.CheckRequest): provider.CheckResponse {
		const response = new provider.CheckResponse();
		const inputs = withoutNulls(fromStruct(request.getNews()));
		const type = this.#types[request.getType()];
		if (!type) {
			return response.setFailuresList([failure(this.#unsupported(`the type ${request.getType()}`))]);
		}
		return response.setInputs(toStruct(type.complete(inputs))).setFailuresList(problemsOf(type.inputs, inputs));
	}

	#diff(request: provider.DiffRequest): provider.DiffResponse {
		const { replaceOn } = this.#type(request.getType());
		return differenceOf(propertiesOf(request.getOldInputs()), propertiesOf(request.getNews()), (path) =>
			replaceOn.includes(path),
		);
	}

	async #create(request: provider.CreateRequest): Promise<provider.CreateResponse> {
		const type = this.#type(request.getType());
		const { id, outputs } = await this.#operate(
			request,
			request.getProperties(),
			request.getPreview(),
			{},
			(operation) => type.create(operation),
		);
		return new provider.CreateResponse().setId(id).setProperties(toStruct(outputs));
	}

	/** Commands and keys have nothing to read. Like the real plugins, this returns the state. */
	#read(request: provider.ReadRequest): provider.ReadResponse {
		this.#type(request.getType());
		return new provider.ReadResponse()
			.setId(request.getId())
			.setProperties(request.getProperties())
			.setInputs(request.getInputs());
	}

	async #update(request: provider.UpdateRequest): Promise<provider.UpdateResponse> {
		const type = this.#type(request.getType());
		const state = propertiesOf(request.getOlds());
		const outputs = await this.#operate(request, request.getNews(), request.getPreview(), state, (operation) =>
			type.update(operation),
		);
		return new provider.UpdateResponse().setProperties(toStruct(outputs));
	}

	async #delete(request: provider.DeleteRequest): Promise<empty.Empty> {
		const type = this.#type(request.getType());
		const state = propertiesOf(request.getProperties());
		await this.#operate(request, request.getOldInputs(), false, state, (operation) => type.delete(operation));
		return new empty.Empty();
	}

	async #operate<Result>(
		request: OperationRequest,
		inputs: struct.Struct | undefined,
		preview: boolean,
		state: Properties,
		operate: (operation: ExistingRequest) => Promise<Result>,
	): Promise<Result> {
		const urn = request.getUrn();
		const log = this.#log.of(urn);
		const timeout = new AbortController();
		// Whole seconds, and 0 for none: pulumi-go-provider, `middleware/cancel`.
		const seconds = Math.floor(request.getTimeout());
		const timer = seconds > 0 ? setTimeout(() => timeout.abort(), seconds * 1000) : undefined;
		try {
			return await operate({
				name: urn.slice(urn.lastIndexOf("::") + 2),
				inputs: propertiesOf(inputs),
				state,
				preview,
				signal: AbortSignal.any([this.#cancelled.signal, timeout.signal]),
				status: (line) => log.status(line),
			});
		} finally {
			clearTimeout(timer);
			await log.delivered();
		}
	}

	#type(token: string): ResourceType {
		const type = this.#types[token];
		if (!type) {
			throw new Error(this.#unsupported(`the type ${token}`));
		}
		return type;
	}

	#unsupported(what: string): string {
		return `the double of the ${this.#plugin.name} plugin does not support ${what}`;
	}
}

/** Without nulls, because pulumi-go-provider reads with `SkipNulls`. */
function propertiesOf(properties: struct.Struct | undefined): Properties {
	return withoutNulls(fromStruct(properties));
}

function ofTheProgram(configuration: struct.Struct | undefined): Properties {
	const given = Object.entries(propertiesOf(configuration)).filter(([key]) => !engineProperties.has(key));
	return Object.fromEntries(given);
}

/** An error becomes the code UNKNOWN with its message, as in a Go plugin. */
function unary<Request, Response>(answer: (request: Request) => Response | Promise<Response>): grpc.UntypedHandleCall {
	const handler: grpc.handleUnaryCall<Request, Response> = async (call, done) => {
		try {
			done(null, await answer(call.request));
		} catch (error) {
			done({ code: grpc.status.UNKNOWN, details: (error as Error).message });
		}
	};
	return handler as grpc.UntypedHandleCall;
}
