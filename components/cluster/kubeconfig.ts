import { Command } from "@pulumi/command/local/command.js";
import * as pulumi from "@pulumi/pulumi";
import { kubeconfigName } from "../../src/facts/resource-names.ts";
import { adminKubeconfig, certificateWarning, kubeconfigEnd, kubeconfigRenewal } from "../../src/rke2/kubeconfig.ts";
import { paths } from "../../src/rke2/paths.ts";
import { throughBastion } from "./bastion.ts";
import type { ClusterNode } from "./node.ts";
import { quoteArgument, scriptText } from "./scripts.ts";

export interface KubeconfigArgs {
	servers: readonly ClusterNode[];
	/** Name of the cluster, and of the context. */
	clusterName: string;
	/** `https://<address or name of the API>:6443` */
	apiEndpoint: string;
	/** The kubeconfig that the state has; none before the first `up`. */
	recorded: string | undefined;
}

/**
 * Reads the kubeconfig from the servers that answer, once, and again before its certificate expires (ADR 43). A preview that reads
 * it every time cannot compare any object with the cluster.
 *
 * @param cluster name of the component
 * @returns the administrator's kubeconfig for use outside the cluster, secret
 */
export function readKubeconfig(
	cluster: string,
	{ servers, clusterName, apiEndpoint, recorded }: KubeconfigArgs,
	opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
	const now = new Date();
	const end = recorded === undefined ? undefined : kubeconfigEnd(recorded);
	const warning = end && certificateWarning(end, now);
	if (warning) {
		void pulumi.log.warn(warning);
	}
	const renewal = end && kubeconfigRenewal(end, now);
	const line = ["bash", "-s", "--", cluster, `${paths.toolkit}/kubeconfig.sh`, ...(renewal ? [renewal] : [])];
	const inputs = { create: line.map(quoteArgument).join(" "), stdin: questions(servers), logging: "none" as const };
	const command = new Command(
		kubeconfigName(cluster),
		{ ...inputs, addPreviousOutputInEnv: false },
		{
			...opts,
			customTimeouts: { create: "10m", update: "10m" },
			additionalSecretOutputs: ["stdout", "stderr"],
			// On all other days another server, host key or script does not read it again.
			ignoreChanges: renewal ? [] : Object.keys(inputs),
		},
	);
	const ours = { name: clusterName, server: apiEndpoint };
	if (recorded !== undefined && end !== undefined && end > now && pulumi.runtime.isDryRun()) {
		// The command's output is unknown in a preview that runs it, and with it every object of the cluster would be.
		return pulumi.secret(adminKubeconfig(recorded, ours));
	}
	return pulumi.secret(command.stdout.apply((text) => adminKubeconfig(text, ours)));
}

/** The script, and what it reads after itself. */
function questions(servers: readonly ClusterNode[]): pulumi.Output<string> {
	const connections = servers.map(({ nodeName, connection: { ssh } }) =>
		pulumi.all([ssh.hostKey, ssh.privateKey]).apply(([hostKey, privateKey]) => ({
			line: `${nodeName} ${ssh.user} ${ssh.host} ${ssh.port} ${hostKey}\n`,
			privateKey,
		})),
	);
	const questions = pulumi.all(connections).apply((known) => {
		const lines = known.map(({ line }) => line).join("");
		return `${scriptText("admin-kubeconfig.sh")}${lines}\n${known[0]?.privateKey.trimEnd()}\n`;
	});
	return pulumi.secret(throughBastion(questions, servers[0]?.connection.ssh.proxy));
}
