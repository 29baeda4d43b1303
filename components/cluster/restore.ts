import type { Command } from "@pulumi/command/remote/command.js";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../src/config/schema/stack.ts";
import { nodeStepName } from "../../src/facts/resource-names.ts";
import type { ClusterNode } from "./node.ts";
import { remoteScript } from "./remote-script.ts";
import type { StoredSnapshot } from "./stored-snapshot.ts";

export type Restore = NonNullable<StackConfig["cluster"]["restore"]>;

export interface RestoreArgs {
	restore: Restore;
	/** For a snapshot from the S3 store. */
	stored: StoredSnapshot | undefined;
	/** RKE2 release, already prepared on each node. */
	version: string;
	controlPlanes: readonly ClusterNode[];
	workers: readonly ClusterNode[];
	/** What the servers need before: their scripts and tokens. */
	dependsOn: readonly pulumi.Resource[];
}

export interface RestoredCluster {
	/** The command after which the cluster serves the restored state with all members that it had. */
	servers: Command;
	/** The commands after which the workers are connected to it. */
	workers: Command[];
	/** What was restored, known once the servers serve it. */
	done: pulumi.Output<Restore>;
}

type Phase = "check" | "ask" | "stop" | "reset" | "rejoin" | "agent";

/** They get the files of their node, which an older minor needs before it starts. */
const changing: readonly Phase[] = ["stop", "reset", "rejoin", "agent"];

/**
 * Restores etcd from a snapshot: all servers are asked, all of them stop, one restores, the others join it one after another, and
 * the workers connect again. A node that runs a newer minor goes back to the older one meanwhile. A machine that is no member has no
 * part in it; it joins the restored cluster afterwards, which has forgotten what had its name. Names have the snapshot, so that
 * another one is another restore; a change of anything else does not repeat a restore, and deleting the resources does nothing.
 */
export function restoreCluster(
	name: string,
	{ restore, stored, version, controlPlanes: servers, workers, dependsOn }: RestoreArgs,
	{ parent }: { parent: pulumi.Resource },
): RestoredCluster {
	const { snapshot, from } = restore;
	// The same name from another place is another restore too.
	const source = from === "s3" ? "-s3" : "";
	const [holder, others] = [
		servers.find(({ nodeName }) => nodeName === restore.server),
		servers.filter(({ nodeName }) => nodeName !== restore.server),
	];
	if (!holder) {
		throw new RangeError(`cluster.restore.server ${restore.server} is no control plane.`);
	}
	const phase = (
		node: ClusterNode,
		step: Phase,
		args: pulumi.Input<string>[],
		opts: pulumi.CustomResourceOptions,
		stdin: pulumi.Input<string> | undefined = changing.includes(step) ? node.bundle : undefined,
	) =>
		remoteScript(
			nodeStepName(`${node.nodeName}-${snapshot}${source}-${step}`, "restore"),
			{
				connection: node.connection,
				script: "restore.sh",
				arguments: [node.nodeName, step, version, ...args],
				...(stdin === undefined ? {} : { stdin }),
				timeoutSeconds: 2400,
			},
			{ parent, ignoreChanges: ["create", "stdin"], ...opts },
		);

	const announced = announceRestore(`${name}-plan`, restore, servers);
	const before = [...dependsOn];
	const checked = phase(
		holder,
		"check",
		[snapshot, from, ...(stored?.arguments ?? [])],
		{ dependsOn: before, hooks: { beforeCreate: [announced] } },
		stored?.stdin,
	);
	// A machine that is made anew before the restore is done is another one than the one that was asked.
	const asked = others.map((server) =>
		phase(server, "ask", [], { dependsOn: before, replacementTrigger: server.identity }),
	);
	const id = checked.stdout;
	const members = pulumi
		.all(asked.map(({ stdout }) => stdout))
		.apply((answers) => [holder.nodeName, ...answers.filter((answer) => answer !== "")].join(","));
	const stopped = servers.map((server) => phase(server, "stop", [id], { dependsOn: [checked, ...asked] }));
	const reset = phase(holder, "reset", [id, snapshot, members, from], {
		dependsOn: stopped,
		hooks: { afterCreate: [remindOfRefresh(`${name}-refresh`)] },
	});
	const done: Command[] = [reset];
	for (const server of others) {
		done.push(phase(server, "rejoin", [id], { dependsOn: done.slice(-1) }));
	}
	const last = done.at(-1)!;
	return {
		servers: last,
		workers: workers.map((worker) => phase(worker, "agent", [id], { dependsOn: last })),
		done: last.stdout.apply(() => restore),
	};
}

/** Says in a preview which outage a restore is, and what it takes back. */
function announceRestore(
	name: string,
	{ snapshot, from, server }: Restore,
	servers: readonly ClusterNode[],
): pulumi.ResourceHook {
	const names = servers.map(({ nodeName }) => nodeName).join(", ");
	return new pulumi.ResourceHook(
		name,
		async () => {
			if (pulumi.runtime.isDryRun()) {
				await pulumi.log.warn(
					`\`up\` restores etcd from the snapshot ${snapshot} ${from === "s3" ? `in cluster.etcdSnapshots.s3, on ${server}` : `of ${server}`}. All control planes (${names}) stop: the API is away for some minutes, and so is every pod on them. Each object is again as it was at the time of the snapshot, and each change since then is lost. The data of volumes stays as it is now.`,
				);
			}
		},
		{ onDryRun: true },
	);
}

/** The state has the objects of before the restore. */
function remindOfRefresh(name: string): pulumi.ResourceHook {
	return new pulumi.ResourceHook(name, async () => {
		await pulumi.log.warn(
			"etcd is restored. The state may name objects that the snapshot does not have: run `pulumi up --refresh`, which creates them again.",
		);
	});
}
