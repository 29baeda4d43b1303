import type { NodeFile } from "../../../src/rke2/bundle.ts";
import { paths } from "../../../src/rke2/paths.ts";
import { editFiles } from "../../lib/examples/nodes.ts";
import { nodeFiles, type Rke2Config, remoteCommand, rke2ConfigOf } from "../../lib/rke2/files.ts";
import type { Resource } from "../../lib/rules/resource.ts";
import type { StackRule } from "../../lib/rules/rule.ts";

/** Keys that a node has for itself. */
const keysOfOneNode: ReadonlySet<string> = new Set(["node-ip", "node-name", "node-taint"]);

/** The server that begins the cluster joins no other one. */
const keyOfJoin = "server";

/** Files that differ by node: RKE2's keys are compared one by one, and GPU nodes hold their kernel. */
const filesOfOneNode: readonly string[] = [paths.config, paths.keepalived, paths.kernelHold];

interface Node {
	resource: Resource;
	config: Rke2Config;
}

/**
 * A change that reaches one node alone is hidden among the others. RKE2 accepts servers that differ in most keys, and a request
 * then depends on the server that answers it; with other critical values a server cannot join
 * (https://docs.rke2.io/reference/server_config, "Critical Configuration Values").
 */
export const rke2EqualNodes: StackRule = {
	name: "rke2-equal-nodes",
	description:
		"Nodes of one role have the same RKE2 keys, and every file has the same content, mode and owner on all nodes that get it.",
	severity: "high",
	controls: [],
	frameworks: { cisControls: ["4.1"], iso27001: ["A.8.9"], nist80053: ["CM-2", "CM-6"] },
	remediation: "Render the key or the file from the same part of the stack file for every node.",
	url: "https://docs.rke2.io/reference/server_config",
	subject: { plural: "commands that carry files to nodes", isDeclaredBy: ({ type }) => type === remoteCommand },
	examples: [
		{
			change: "another service network on one server",
			apply: editFiles(/^proj-k8sm02/, "service-cidr: 10.43.0.0/16", "service-cidr: 10.44.0.0/16"),
			sentence:
				"The RKE2 configurations in proj-k8sm01-converge and proj-k8sm02-converge differ in service-cidr; make them equal.",
		},
		{
			change: "a worker that joins a server elsewhere",
			apply: editFiles(/^proj-k8sw02/, /server: https:\/\/[^:]+:/, "server: https://k8s.elsewhere.example:"),
			sentence:
				"The RKE2 configurations in proj-k8sm01-converge and proj-k8sw02-converge differ in server; make them equal.",
		},
		{
			change: "another name server on one worker",
			apply: editFiles(/^proj-k8sw03/, /nameserver \S+/, "nameserver 203.0.113.9"),
			sentence:
				"proj-k8sm01-converge and proj-k8sw03-converge carry /etc/rancher/rke2/resolv.conf with another content, mode or owner; make them equal.",
		},
	],

	checkStack(resources, report) {
		const nodes = resources.flatMap((resource): Node[] => {
			const config = rke2ConfigOf(resource);
			return config ? [{ resource, config }] : [];
		});
		for (const role of ["server", "agent"] as const) {
			const alike = nodes.filter(({ config }) => config.role === role);
			const keys = new Set(alike.flatMap(({ config }) => Object.keys(config.effective)));
			compareKeys(
				alike,
				[...keys].filter((key) => !keysOfOneNode.has(key) && key !== keyOfJoin),
			);
		}
		compareKeys(
			nodes.filter(({ config }) => keyOfJoin in config.effective),
			[keyOfJoin],
		);
		compareFiles();

		/** Each node with the first one, so that one other node is one violation. */
		function compareKeys([first, ...others]: readonly Node[], keys: readonly string[]): void {
			for (const other of others) {
				const differing = keys.filter((key) => !isSame(first!.config.effective[key], other.config.effective[key]));
				if (differing.length > 0) {
					report(
						`The RKE2 configurations in ${first!.resource.name} and ${other.resource.name} differ in ${differing.join(", ")}; make them equal.`,
						other.resource,
					);
				}
			}
		}

		function compareFiles(): void {
			const first = new Map<string, { file: NodeFile; resource: Resource }>();
			for (const resource of resources) {
				for (const file of nodeFiles(resource)) {
					const known = first.get(file.path) ?? { file, resource };
					first.set(file.path, known);
					if (!filesOfOneNode.includes(file.path) && !isSame(known.file, file)) {
						report(
							`${known.resource.name} and ${resource.name} carry ${file.path} with another content, mode or owner; make them equal.`,
							resource,
						);
					}
				}
			}
		}
	},
};

function isSame(one: unknown, other: unknown): boolean {
	return JSON.stringify(one) === JSON.stringify(other);
}
