/** Resource hooks: functions in the program that are called before and after a change (pulumirpc.Callbacks). */
import { credentials, type ServiceError } from "@grpc/grpc-js";
import callbackRpc from "@pulumi/pulumi/proto/callback_grpc_pb.js";
import callback from "@pulumi/pulumi/proto/callback_pb.js";
import resource from "@pulumi/pulumi/proto/resource_pb.js";
import type { Recorder } from "../recorder.ts";
import { MESSAGE_LIMITS } from "./message-limits.ts";
import type { ResourceState } from "./state.ts";
import { toStruct } from "./wire.ts";

export class Hooks {
	readonly #registered = new Map<string, resource.RegisterResourceHookRequest>();
	readonly #recorder: Recorder;
	readonly #dryRun: boolean;

	constructor(recorder: Recorder, dryRun: boolean) {
		this.#recorder = recorder;
		this.#dryRun = dryRun;
	}

	register(request: resource.RegisterResourceHookRequest): void {
		const name = request.getName();
		if (this.#registered.has(name)) {
			throw new Error(`resource hook already registered for name "${name}"`);
		}
		this.#registered.set(name, request);
	}

	/** Calls hooks before the change. Rejects with what the first of them complains about, in the engine's words. */
	async before(names: string[], next: ResourceState, old?: ResourceState): Promise<void> {
		await this.#run("before", names, requestOf(next, old), next.urn);
	}

	/** Likewise after the change, whose outputs `next` has. */
	async after(names: string[], next: ResourceState, old?: ResourceState): Promise<void> {
		const request = requestOf(next, old);
		request.setNewOutputs(toStruct(next.outputs));
		await this.#run("after", names, request, next.urn);
	}

	async #run(
		moment: "before" | "after",
		names: string[],
		request: resource.ResourceHookRequest,
		urn: string,
	): Promise<void> {
		for (const name of names) {
			const hook = this.#registered.get(name);
			if (!hook) {
				throw new Error(`hook "${name}" was not registered`);
			}
			if (this.#dryRun && !hook.getOnDryRun()) {
				continue;
			}
			const complaint = await call(hook.getCallback()!, request);
			if (!complaint) {
				continue;
			}
			const message = `${moment} hook "${name}" failed: ${complaint}`;
			if (!hook.getIgnoreErrors()) {
				throw new Error(message);
			}
			this.#recorder.diagnostic("warning", message, urn);
		}
	}
}

/** @returns the error of the function, empty when it had none */
async function call(target: callback.Callback, request: resource.ResourceHookRequest): Promise<string> {
	const client = new callbackRpc.CallbacksClient(target.getTarget(), credentials.createInsecure(), MESSAGE_LIMITS);
	const invocation = new callback.CallbackInvokeRequest();
	invocation.setToken(target.getToken());
	invocation.setRequest(request.serializeBinary());
	try {
		return await new Promise((resolve, reject) => {
			client.invoke(invocation, (error: ServiceError | null, response: callback.CallbackInvokeResponse) =>
				error
					? reject(new Error(error.details))
					: resolve(resource.ResourceHookResponse.deserializeBinary(response.getResponse_asU8()).getError()),
			);
		});
	} finally {
		client.close();
	}
}

function requestOf(next: ResourceState, old: ResourceState | undefined): resource.ResourceHookRequest {
	const request = new resource.ResourceHookRequest();
	request.setUrn(next.urn);
	request.setId(next.id ?? "");
	request.setName(next.urn.split("::").at(-1)!);
	request.setType(next.type);
	request.setNewInputs(toStruct(next.inputs));
	if (old) {
		request.setOldInputs(toStruct(old.inputs));
		request.setOldOutputs(toStruct(old.outputs));
	}
	return request;
}
