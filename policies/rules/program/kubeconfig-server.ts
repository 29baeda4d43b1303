import { isKubeconfigName, nodeStepOf } from "../../../src/facts/resource-names.ts";
import { editResource } from "../../lib/examples/resources.ts";
import { isObject } from "../../lib/reading/form.ts";
import { whenKnown } from "../../lib/reading/known.ts";
import { parseYaml } from "../../lib/reading/yaml.ts";
import { listOf, localCommand, remoteCommand, rke2ConfigOf } from "../../lib/rke2/files.ts";
import { keepsFormer, type Resource } from "../../lib/rules/resource.ts";
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
		const places = placesOf(resources);
		for (const reading of resources.filter(readsKubeconfigNow)) {
			for (const { node, place } of serversIn(reading)) {
				const known = places.get(node);
				if (known === undefined) {
					report(`${reading.name} reads the kubeconfig from ${node}, which is no node of the stack.`, reading);
				} else if (known !== "" && known !== place) {
					report(
						`${reading.name} reads the kubeconfig of ${node} at ${place}, and its commands reach ${known}; make them equal, or run \`npm run reach\` after a change of the stack file.`,
						reading,
					);
				}
			}
		}
	},
};

/** Where the commands of each node reach it, as host and port; empty while it is unknown. */
function placesOf(resources: readonly Resource[]): ReadonlyMap<string, string> {
	const places = new Map<string, string>();
	for (const { type, name, props } of resources) {
		const step = type === remoteCommand ? nodeStepOf(name) : undefined;
		const node = step && name.slice(0, -step.length - 1);
		if (node !== undefined && !places.get(node)) {
			const place = whenKnown(() => {
				const { host, port } = (props.connection ?? {}) as Record<string, unknown>;
				return `${host} ${port}`;
			});
			places.set(node, place ?? "");
		}
	}
	return places;
}

/** On all other days the engine hands over the servers of the day on which it was read. */
function readsKubeconfigNow(resource: Resource): boolean {
	return resource.type === localCommand && isKubeconfigName(resource.name) && !keepsFormer(resource, "stdin");
}

/** A node, its user, its host, its port and its host key, in one line. The line of a bastion has no node. */
const serverLine = /^(\S{1,253}) \S{1,64} (\S{1,253}) (\d{1,5}) \S{1,64} \S{1,999}$/;

function serversIn({ props }: Resource): { node: string; place: string }[] {
	const stdin = whenKnown(() => props.stdin);
	return String(stdin ?? "")
		.split("\n")
		.flatMap((line) => {
			const [, node, host, port] = serverLine.exec(line) ?? [];
			return node === undefined ? [] : [{ node, place: `${host} ${port}` }];
		});
}

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
