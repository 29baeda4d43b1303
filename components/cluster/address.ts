import type { Command } from "@pulumi/command/remote/command.js";
import type * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../src/config/schema/stack.ts";
import { nodeStepName } from "../../src/facts/resource-names.ts";
import { proxyArguments } from "../../src/rke2/proxy.ts";
import type { NodeAccess } from "./node-access.ts";
import { remoteScript } from "./remote-script.ts";

type AddressConfig = Pick<StackConfig, "cluster" | "network" | "nodes">;

/**
 * Prepares a node for the mode in which the API is reached, where that takes more than files: installs keepalived on servers,
 * and lets the API's name resolve on every node.
 *
 * @returns nothing in modes that need neither
 */
export function prepareAddress(
	{ nodeName, role, connection }: NodeAccess,
	stack: AddressConfig,
	opts: pulumi.CustomResourceOptions,
): Command | undefined {
	const args = role === "server" ? [...installation(stack), ...resolution(stack)] : resolution(stack);
	if (args.length === 0) {
		return undefined;
	}
	return remoteScript(
		nodeStepName(nodeName, "address"),
		{ connection, script: "address.sh", arguments: [nodeName, ...args], timeoutSeconds: 900 },
		opts,
	);
}

function installation(stack: Pick<StackConfig, "cluster" | "network">): string[] {
	return stack.cluster.api.mode === "keepalived" ? ["keepalived", ...proxyArguments(stack)] : [];
}

function resolution({ cluster: { api }, nodes }: Pick<StackConfig, "cluster" | "nodes">): string[] {
	if (api.mode !== "dns") {
		return [];
	}
	const controlPlanes = Object.values(nodes).filter(({ role }) => role === "control-plane");
	return ["dns", api.hostname, ...controlPlanes.map(({ address }) => address)];
}
