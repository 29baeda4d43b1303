/** Labels that a stack file may give to nodes: all but those that Kubernetes and RKE2 keep themselves. */
import type { Problem } from "../problems.ts";
import type { StackConfig } from "../schema.ts";

/** https://kubernetes.io/docs/reference/labels-annotations-taints/ */
const kept = [
	/^(beta\.)?kubernetes\.io\/(arch|hostname|os)$/,
	/^node-role\.kubernetes\.io\/(control-plane|etcd|master)$/,
	/^node\.kubernetes\.io\/(instance-type|exclude-from-external-load-balancers)$/,
];

const name = /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const value = /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/;

export function checkLabels({ nodes }: StackConfig): Problem[] {
	return Object.entries(nodes).flatMap(([node, { labels }]) =>
		Object.entries(labels).flatMap(([label, text]): Problem[] => {
			const key = `nodes.${node}.labels.${label}`;
			if (!name.test(label) || !value.test(text)) {
				return [{ key, message: `${label}=${text} is not a label that Kubernetes accepts.` }];
			}
			return kept.some((pattern) => pattern.test(label))
				? [{ key, message: "is a label that Kubernetes or RKE2 sets itself; use another one." }]
				: [];
		}),
	);
}
