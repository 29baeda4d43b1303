/** Labels that a stack file may give to nodes: all but those that Kubernetes and RKE2 keep themselves. */
import type { Problem } from "../read/problems.ts";
import { eachEntry } from "../read/readable.ts";
import type { StackConfig } from "../schema/stack.ts";
import { isKey, isValue, keyAndValueForm } from "./kubernetes-names.ts";

/** https://kubernetes.io/docs/reference/labels-annotations-taints/ */
const kept = [
	/^(beta\.)?kubernetes\.io\/(arch|hostname|os)$/,
	/^node-role\.kubernetes\.io\/(control-plane|etcd|master)$/,
	/^node\.kubernetes\.io\/(instance-type|exclude-from-external-load-balancers)$/,
];

export function checkLabels({ nodes }: StackConfig): Problem[] {
	return eachEntry(nodes, (node, { labels }) =>
		eachEntry(labels, (label, text) => {
			const key = `nodes.${node}.labels.${label}`;
			if (!isKey(label) || !isValue(text)) {
				return [{ key, message: `${label}=${text} is not a label that Kubernetes accepts: ${keyAndValueForm}.` }];
			}
			return kept.some((pattern) => pattern.test(label))
				? [{ key, message: "is a label that Kubernetes or RKE2 sets itself; use another one." }]
				: [];
		}),
	);
}
