import type { Command } from "@pulumi/command/remote/command.js";
import * as pulumi from "@pulumi/pulumi";
import { nodeStepName } from "../../src/facts/resource-names.ts";
import type { ClusterNode } from "./node.ts";
import { remoteScript } from "./remote-script.ts";

export interface EncryptionKeyArgs {
	/** `cluster.secretsEncryptionKey` */
	key: string;
	/** RKE2 release that every server runs. */
	version: string;
	servers: readonly [ClusterNode, ...ClusterNode[]];
	/** Whether this `up` makes the cluster, whose first key then has the name. */
	isNew: boolean;
	/** What the servers have done before. */
	dependsOn: readonly pulumi.Resource[];
	/** Before the rotation. */
	beforeCreate: pulumi.ResourceHook[];
}

/**
 * Rotates the key that encrypts Secrets in etcd: one server makes the key and encrypts every Secret again, the others restart one
 * after another, and get it. Names have the name of the key, so that another one is another rotation; a change of anything
 * else repeats nothing, and deleting the resources does nothing. The first and the last command belong to the cluster, because the
 * server on which they run may leave it later.
 *
 * @returns the commands after which every server has the key
 */
export function rotateEncryptionKey(
	name: string,
	{ key, version, servers: [first, ...others], isNew, dependsOn, beforeCreate }: EncryptionKeyArgs,
	{ parent }: { parent: pulumi.Resource },
): Command[] {
	const phase = (
		owner: string,
		node: ClusterNode,
		step: "rotate" | "follow" | "finish",
		args: pulumi.Input<string>[],
		opts: pulumi.CustomResourceOptions,
	) =>
		remoteScript(
			nodeStepName(`${owner}-${key}-${step}`, "encryption"),
			{
				connection: node.connection,
				script: "encryption.sh",
				arguments: [node.nodeName, step, version, ...args],
				timeoutSeconds: 2400,
			},
			{ parent, ignoreChanges: ["create"], ...opts },
		);
	const hooks = { beforeCreate: isNew ? [] : [announceRotation(`${name}-key-rotation`), ...beforeCreate] };
	// A change of the command line is ignored, but a rotation that has failed begins with that of the present stack file.
	const mode = isNew ? ["new"] : first.storeRequired ? ["required"] : [];
	const rotated = phase(name, first, "rotate", [key, ...mode], { dependsOn: [...dependsOn], hooks });
	const digest = rotated.stdout;
	const done: Command[] = [rotated];
	for (const server of others) {
		done.push(phase(server.nodeName, server, "follow", [digest], { dependsOn: done.slice(-1) }));
	}
	return [phase(name, first, "finish", [digest], { dependsOn: done.slice(-1) })];
}

/** Says in a preview what a rotation interrupts. */
function announceRotation(name: string): pulumi.ResourceHook {
	return new pulumi.ResourceHook(
		name,
		async () => {
			if (pulumi.runtime.isDryRun()) {
				await pulumi.log.warn(
					"`up` rotates the key that encrypts Secrets in etcd. One control plane after another restarts. Until the last one has the new key, nobody can write a Secret, and some requests for Secrets fail; everything else goes on.",
				);
			}
		},
		{ onDryRun: true },
	);
}
