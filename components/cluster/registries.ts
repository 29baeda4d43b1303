import type { Command } from "@pulumi/command/remote/command.js";
import * as pulumi from "@pulumi/pulumi";
import { parseRegistryCredentials } from "../../src/config/schema/registry-credentials.ts";
import type { StackConfig } from "../../src/config/schema/stack.ts";
import { nodeStepName } from "../../src/facts/resource-names.ts";
import { registriesFile } from "../../src/rke2/registries.ts";
import type { NodeAccess } from "./node-access.ts";
import { remoteScript } from "./remote-script.ts";
import { revisionOf } from "./revision.ts";

export interface Registries {
	/** Text of registries.yaml, secret. */
	content: pulumi.Output<string>;
	/** Changes with the content and does not reveal it. */
	revision: pulumi.Output<string>;
}

export interface RegistriesArgs {
	registries: StackConfig["cluster"]["registries"];
	/** As the stack's secret of that name. */
	registryCredentials?: pulumi.Output<string> | undefined;
	clusterToken: pulumi.Output<string>;
}

/** @returns nothing for a stack without mirrors, authorities and credentials */
export function describeRegistries({
	registries,
	registryCredentials,
	clusterToken,
}: RegistriesArgs): Registries | undefined {
	const { mirrors, authorities } = registries;
	if (!registryCredentials && Object.keys({ ...mirrors, ...authorities }).length === 0) {
		return undefined;
	}
	const content = pulumi.secret(
		pulumi
			.output(registryCredentials ?? "{}")
			.apply((text) => registriesFile(registries, parseRegistryCredentials(text))),
	);
	return { content, revision: revisionOf(content, clusterToken) };
}

/** Writes registries.yaml, which only RKE2 reads. */
export function writeRegistries(
	{ nodeName, connection }: NodeAccess,
	{ content }: Registries,
	opts: pulumi.CustomResourceOptions,
): Command {
	return remoteScript(
		nodeStepName(nodeName, "registries"),
		{ connection, script: "registries.sh", arguments: [nodeName], stdin: content, timeoutSeconds: 90 },
		opts,
	);
}
