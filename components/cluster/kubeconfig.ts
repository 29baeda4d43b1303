import * as pulumi from "@pulumi/pulumi";
import { adminKubeconfig } from "../../src/rke2/kubeconfig.ts";
import type { ClusterNode } from "./node.ts";
import { remoteScript } from "./remote-script.ts";

export interface KubeconfigArgs {
	/** Any server: all of them hold the same administrator's credentials. */
	server: ClusterNode;
	/** Name of the cluster, and of the context. */
	clusterName: string;
	/** `https://<address or name of the API>:6443` */
	apiEndpoint: string;
}

/**
 * Reads the kubeconfig once: a preview that reads it again cannot compare any object with the cluster. Its certificate is valid
 * for a year; docs/operations/kubeconfig.md has the command that reads it again.
 *
 * @returns the administrator's kubeconfig for use outside the cluster, secret
 */
export function readKubeconfig(
	name: string,
	{ server, clusterName, apiEndpoint }: KubeconfigArgs,
	opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
	const command = remoteScript(
		name,
		{
			connection: server.connection,
			script: "kubeconfig.sh",
			arguments: [server.nodeName],
			timeoutSeconds: 90,
			secretOutput: true,
		},
		// The command line names the server, which may be another one later.
		{ ...opts, ignoreChanges: ["create"] },
	);
	return pulumi.secret(
		command.stdout.apply((text) => adminKubeconfig(text, { name: clusterName, server: apiEndpoint })),
	);
}
