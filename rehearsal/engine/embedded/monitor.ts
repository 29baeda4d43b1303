/** The engine's side of the SDK: pulumirpc.ResourceMonitor and pulumirpc.Engine on a loopback port. */
import * as grpc from "@grpc/grpc-js";
import engineRpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engine from "@pulumi/pulumi/proto/engine_pb.js";
import resourceRpc from "@pulumi/pulumi/proto/resource_grpc_pb.js";
import resource from "@pulumi/pulumi/proto/resource_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import type { Diagnostic } from "../engine.ts";
import type { Recorder } from "../recorder.ts";
import type { Deployment } from "./deployment.ts";
import type { Goal } from "./goal.ts";
import { MESSAGE_LIMITS } from "./message-limits.ts";
import { Stopped } from "./progress.ts";
import { fromStruct, refuseOtherMarks, toStruct } from "./wire.ts";

const SEVERITIES: Record<number, Diagnostic["severity"]> = {
	[engine.LogSeverity.INFO]: "info",
	[engine.LogSeverity.WARNING]: "warning",
	[engine.LogSeverity.ERROR]: "error",
};

/** Features of the SDK that this host follows: without the others, resources travel as ids and outputs as values. */
const FEATURES = new Set(["secrets", "deletedWith", "aliasSpecs", "resourceHooks"]);

export interface Monitor {
	address: string;
	/** From here on the program's registrations go to the deployment. */
	serve(deployment: Deployment): void;
	close(): void;
}

export async function startMonitor(recorder: Recorder): Promise<Monitor> {
	const server = new grpc.Server(MESSAGE_LIMITS);
	let deployment: Deployment | undefined;
	const target = (): Deployment => {
		if (!deployment) {
			throw new Error("A resource was registered before the program was started.");
		}
		return deployment;
	};
	server.addService(resourceRpc.ResourceMonitorService, monitorService(target));
	server.addService(engineRpc.EngineService, engineService(recorder));
	const port = await new Promise<number>((resolve, reject) => {
		server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
			error ? reject(error) : resolve(bound),
		);
	});
	return {
		address: `127.0.0.1:${port}`,
		serve: (next) => {
			deployment = next;
		},
		close: () => server.forceShutdown(),
	};
}

function monitorService(deployment: () => Deployment): grpc.UntypedServiceImplementation {
	return service(resourceRpc.ResourceMonitorService, {
		supportsFeature: async (request: resource.SupportsFeatureRequest) => {
			const response = new resource.SupportsFeatureResponse();
			response.setHassupport(FEATURES.has(request.getId()));
			return response;
		},
		registerResource: async (request: resource.RegisterResourceRequest) => {
			const state = await deployment().register(goalOf(request, deployment()));
			const response = new resource.RegisterResourceResponse();
			response.setUrn(state.urn);
			response.setId(state.id ?? "");
			response.setObject(toStruct(state.outputs));
			return response;
		},
		registerResourceOutputs: async (request: resource.RegisterResourceOutputsRequest) => {
			deployment().registerOutputs(request.getUrn(), fromStruct(request.getOutputs()));
			return new empty.Empty();
		},
		registerResourceHook: async (request: resource.RegisterResourceHookRequest) => {
			deployment().hooks.register(request);
			return new empty.Empty();
		},
		invoke: async (request: resource.ResourceInvokeRequest) => {
			throw new Error(`The program calls the function ${request.getTok()}, which the embedded host does not know.`);
		},
		readResource: async (request: resource.ReadResourceRequest) => {
			throw new Error(
				`The program reads the existing ${request.getType()} "${request.getName()}", which the embedded host does not do.`,
			);
		},
		signalAndWaitForShutdown: async () => new empty.Empty(),
	});
}

function engineService(recorder: Recorder): grpc.UntypedServiceImplementation {
	let root = "";
	return service(engineRpc.EngineService, {
		log: async (request: engine.LogRequest) => {
			const severity = SEVERITIES[request.getSeverity()];
			if (severity) {
				recorder.diagnostic(severity, request.getMessage(), request.getUrn() || undefined);
			}
			return new empty.Empty();
		},
		getRootResource: async () => {
			const response = new engine.GetRootResourceResponse();
			response.setUrn(root);
			return response;
		},
		setRootResource: async (request: engine.SetRootResourceRequest) => {
			root = request.getUrn();
			return new engine.SetRootResourceResponse();
		},
	});
}

/** A method that is absent answers UNIMPLEMENTED by itself; the SDK then says which feature the engine lacks. */
function service(
	definition: object,
	methods: Record<string, (request: never) => Promise<unknown>>,
): grpc.UntypedServiceImplementation {
	return Object.fromEntries(
		Object.keys(definition).map((name) => {
			const method = methods[name];
			const handler: grpc.handleUnaryCall<never, unknown> = (call, done) => {
				if (!method) {
					return done({ code: grpc.status.UNIMPLEMENTED, details: `${name} is not supported by the embedded host` });
				}
				method(call.request).then(
					(response) => done(null, response),
					// UNAVAILABLE tells the SDK to end quietly: the diagnostic has been given.
					(error: Error) =>
						done({
							code: error instanceof Stopped ? grpc.status.UNAVAILABLE : grpc.status.UNKNOWN,
							details: error.message,
						}),
				);
			};
			return [name, handler as grpc.UntypedHandleCall];
		}),
	);
}

function goalOf(request: resource.RegisterResourceRequest, deployment: Deployment): Goal {
	const type = request.getType();
	const name = request.getName();
	refuseOptions(request);
	const inputs = fromStruct(request.getObject());
	refuseOtherMarks(inputs, `${type} "${name}"`);
	const timeouts = request.getCustomtimeouts();
	return {
		type,
		name,
		custom: request.getCustom(),
		parent: request.getParent(),
		inputs,
		provider: request.getProvider(),
		dependencies: request.getDependenciesList(),
		propertyDependencies: Object.fromEntries(
			request
				.getPropertydependenciesMap()
				.toArray()
				.map(([key]) => [key, request.getPropertydependenciesMap().get(key)?.getUrnsList() ?? []]),
		),
		aliases: request.getAliasesList().map((alias) => aliasUrn(alias, request, deployment)),
		deletedWith: request.getDeletedwith(),
		protect: request.getProtect() ?? false,
		retainOnDelete: request.getRetainondelete() ?? false,
		ignoreChanges: request.getIgnorechangesList(),
		replaceOnChanges: request.getReplaceonchangesList(),
		deleteBeforeReplace: request.getDeletebeforereplacedefined() ? request.getDeletebeforereplace() : undefined,
		additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
		customTimeouts: {
			create: seconds(timeouts?.getCreate()),
			update: seconds(timeouts?.getUpdate()),
			delete: seconds(timeouts?.getDelete()),
		},
		hooks: {
			beforeCreate: request.getHooks()?.getBeforeCreateList() ?? [],
			afterCreate: request.getHooks()?.getAfterCreateList() ?? [],
			beforeUpdate: request.getHooks()?.getBeforeUpdateList() ?? [],
			afterUpdate: request.getHooks()?.getAfterUpdateList() ?? [],
		},
	};
}

function refuseOptions(request: resource.RegisterResourceRequest): void {
	const used = {
		import: request.getImportid() !== "",
		replaceWith: request.getReplaceWithList().length > 0,
		replacementTrigger: request.hasReplacementTrigger(),
		...otherHooks(request),
		transforms: request.getTransformsList().length > 0,
		"a remote component": request.getRemote(),
	};
	const refused = Object.entries(used)
		.filter(([, is]) => is)
		.map(([option]) => option);
	if (refused.length > 0) {
		throw new Error(
			`${request.getType()} "${request.getName()}" uses ${refused.join(", ")}, which the embedded host does not know.`,
		);
	}
}

function otherHooks(request: resource.RegisterResourceRequest): Record<string, boolean> {
	const { beforeCreateList, afterCreateList, beforeUpdateList, afterUpdateList, ...others } =
		request.getHooks()?.toObject() ?? {};
	return Object.fromEntries(
		Object.entries(others).map(([list, names]) => [`the hook ${list.replace(/List$/, "")}`, names.length > 0]),
	);
}

function aliasUrn(
	alias: ReturnType<resource.RegisterResourceRequest["getAliasesList"]>[number],
	request: resource.RegisterResourceRequest,
	deployment: Deployment,
): string {
	const spec = alias.getSpec();
	if (!spec) {
		return alias.getUrn();
	}
	if (spec.getStack() || spec.getProject()) {
		throw new Error(
			`"${request.getName()}" has an alias in another stack or project, which the embedded host does not know.`,
		);
	}
	const parent = spec.getNoparent() ? "" : spec.getParenturn() || request.getParent();
	return deployment.urnOf(spec.getType() || request.getType(), spec.getName() || request.getName(), parent);
}

/** Go's duration text (`1h30m`, `90s`) in seconds; empty means unset. */
function seconds(duration: string | undefined): number | undefined {
	if (!duration) {
		return undefined;
	}
	const units: Record<string, number> = { h: 3600, m: 60, s: 1 };
	const parts = [...duration.matchAll(/([\d.]+)([hms])/g)];
	if (parts.map(([part]) => part).join("") !== duration) {
		throw new Error(`The timeout "${duration}" is not a duration such as 90s, 10m or 1h30m.`);
	}
	return parts.reduce((total, [, amount, unit]) => total + Number(amount) * (units[unit!] ?? 0), 0);
}
