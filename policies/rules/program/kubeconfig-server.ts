import { editResource } from "../../lib/examples/resources.ts";
import { isObject } from "../../lib/reading/form.ts";
import { whenKnown } from "../../lib/reading/known.ts";
import { parseYaml } from "../../lib/reading/yaml.ts";
import { listOf, rke2ConfigOf } from "../../lib/rke2/files.ts";
import type { Resource } from "../../lib/rules/resource.ts";
import type { StackRule } from "../../lib/rules/rule.ts";

const provider = "pulumi:providers:kubernetes";

/**
 * Every object of the stack, each Secret among them, goes to the server of the kubeconfig. The record of known resources knows its form;
 * the certificate of the servers says which names are theirs, and nodes join at one of these. A further name in the certificate is not theirs.
 */
export const programKubeconfigServer: StackRule = {
	name: "program-kubeconfig-server",
	description: "The provider of Kubernetes sends objects to the servers of this stack only.",
	severity: "critical",
	controls: [],
	foundation: true,
	frameworks: { cisControls: ["4.1", "12.6"], iso27001: ["A.5.17", "A.8.20"], nist80053: ["IA-3", "SC-8"] },
	remediation: "Take the address from `cluster.api`.",
	subject: { plural: "providers of Kubernetes", isDeclaredBy: ({ type }) => type === provider },
	examples: [
		{
			change: "a kubeconfig of another cluster",
			apply: editResource(provider, "kubernetes", () => ({
				kubeconfig: "clusters:\n  - name: lab\n    cluster: { server: https://203.0.113.9:6443 }\n",
			})),
			sentence:
				"kubernetes sends objects to 203.0.113.9, which is none of the names in the certificate of the servers (tls-san).",
		},
	],

	checkStack(resources, report) {
		const configs = resources.flatMap((resource) => rke2ConfigOf(resource) ?? []);
		const names = configs
			.filter(({ role }) => role === "server")
			.flatMap((config) => listOf(config, "tls-san").flatMap((list) => list.split(",")));
		const joined = new Set(configs.flatMap((config) => listOf(config, "server").map(hostOf)));
		for (const resource of resources.filter(({ type }) => type === provider)) {
			for (const host of hostsIn(resource).filter((one) => names.length > 0 && !names.includes(one))) {
				report(
					`${resource.name} sends objects to ${host}, which is none of the names in the certificate of the servers (tls-san).`,
					resource,
				);
			}
			for (const host of hostsIn(resource).filter(
				(one) => names.includes(one) && joined.size > 0 && !joined.has(one),
			)) {
				report(
					`${resource.name} sends objects to ${host}, and nodes join at ${[...joined].join(", ")}; make them equal.`,
					resource,
				);
			}
		}
	},
};

/** The hosts of all clusters of a kubeconfig; none while it is unknown. The record of known resources refuses any other form. */
function hostsIn({ props }: Resource): string[] {
	const text = whenKnown(() => props.kubeconfig);
	const kubeconfig = typeof text === "string" ? ifParsed(text) : undefined;
	const clusters = isObject(kubeconfig) && Array.isArray(kubeconfig.clusters) ? kubeconfig.clusters : [];
	return clusters.flatMap((entry) => {
		const server = isObject(entry) && isObject(entry.cluster) ? String(entry.cluster.server) : "";
		return [hostOf(server)];
	});
}

function hostOf(server: string): string {
	return URL.canParse(server) ? new URL(server).hostname : server;
}

function ifParsed(text: string): unknown {
	try {
		return parseYaml(text);
	} catch {
		return undefined;
	}
}
