/** Changes of what the lab's nodes get, for the examples of rules. */
import { nodeStepOf } from "../../../src/facts/resource-names.ts";
import type { Change } from "./resources.ts";

/** The lab's nodes, by name. */
export const serverNodes = /^proj-k8sm/;
export const everyNode = /^proj-k8s/;

/** Changes the same text in what converge carries to some nodes. */
export function editFiles(nodes: RegExp, from: string | RegExp, to: string): Change {
	return (resources) => {
		let changed = false;
		const result = resources.map((resource) => {
			const { stdin } = resource.props;
			if (nodeStepOf(resource.name) !== "converge" || !nodes.test(resource.name) || typeof stdin !== "string") {
				return resource;
			}
			const edited = stdin.replace(from, to);
			changed ||= edited !== stdin;
			return { ...resource, props: { ...resource.props, stdin: edited } };
		});
		if (!changed) {
			throw new RangeError(`No configuration of ${nodes} holds ${from}; the example changes nothing.`);
		}
		return result;
	};
}

/** Adds lines to config.yaml. */
export function addToConfig(nodes: RegExp, ...lines: string[]): Change {
	const added = lines.map((line) => `| ${line}\n`).join("");
	return editFiles(nodes, /(file \/etc\/rancher\/rke2\/config\.yaml .*\n)/, `$1${added}`);
}

/** Adds an argument of a component to config.yaml. */
export function addArgument(key: string, value: string): Change {
	const nodes = key === "kubelet-arg" || key === "kube-proxy-arg" ? everyNode : serverNodes;
	// The lab gives these two components arguments of its own, and a key stands in config.yaml once.
	return key === "kubelet-arg" || key === "kube-apiserver-arg"
		? editFiles(nodes, `| ${key}:\n`, `| ${key}:\n|   - ${value}\n`)
		: addToConfig(nodes, `${key}: [${value}]`);
}
