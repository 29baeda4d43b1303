/** Serves a provider plugin for a table of resource types. */
import providerService from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { engineAddress, serveToEngine } from "../grpc-server.ts";
import { EngineLog } from "./engine-log.ts";
import type { PluginPackage } from "./package.ts";
import type { ResourceType } from "./resource-type.ts";
import { ProviderService } from "./service.ts";

/** @param types by token, such as `command:local:Command` */
export function serve(plugin: PluginPackage, types: Record<string, ResourceType>): void {
	const log = new EngineLog();
	const engine = engineAddress();
	if (engine) {
		log.connect(engine);
	}
	const service = new ProviderService(plugin, types, log);
	serveToEngine(providerService.ResourceProviderService, service.implementation(), () => service.cancel());
}
