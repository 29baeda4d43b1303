import type { Command } from "@pulumi/command/remote/command.js";
import type * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../src/config/schema/stack.ts";
import { nodeStepName } from "../../src/facts/resource-names.ts";
import { proxyExceptions } from "../../src/rke2/proxy.ts";
import type { NodeAccess } from "./node-access.ts";
import { remoteScript } from "./remote-script.ts";

/**
 * Makes a machine ready for the way in which the API is reached, where it takes more than files: keepalived has to be
 * installed on servers, and a name has to resolve on every node.
 *
 * @returns nothing where there is nothing to do
 */
export function prepareAddress(
	{ nodeName, role, connection }: NodeAccess,
	stack: StackConfig,
	opts: pulumi.CustomResourceOptions,
): Command | undefined {
	const words = role === "server" ? [...installation(stack), ...resolution(stack)] : resolution(stack);
	if (words.length === 0) {
		return undefined;
	}
	return remoteScript(
		nodeStepName(nodeName, "address"),
		{ connection, script: "address.sh", arguments: [nodeName, ...words], timeoutSeconds: 900 },
		opts,
	);
}

function installation(stack: StackConfig): string[] {
	const { api, proxy } = stack.cluster;
	if (api.mode !== "keepalived") {
		return [];
	}
	return ["keepalived", ...(proxy ? [proxy.url, proxyExceptions(stack).join(",")] : [])];
}

function resolution({ cluster: { api }, nodes }: StackConfig): string[] {
	if (api.mode !== "dns") {
		return [];
	}
	const controlPlanes = Object.values(nodes).filter(({ role }) => role === "control-plane");
	return ["dns", api.hostname, ...controlPlanes.map(({ address }) => address)];
}
