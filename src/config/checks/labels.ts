/** Rules for node labels: Kubernetes and RKE2 set some of them themselves. */
import type { Problem } from "../read/problems.ts";
import { eachEntry } from "../read/readable.ts";
import type { StackConfig } from "../schema/stack.ts";
import { isKey, isReservedLabel, isValue, keyAndValueForm } from "./kubernetes-names.ts";

export function checkLabels({ nodes }: StackConfig): Problem[] {
	return eachEntry(nodes, (node, { labels }) =>
		eachEntry(labels, (label, text) => {
			const key = `nodes.${node}.labels.${label}`;
			if (!isKey(label) || !isValue(text)) {
				return [{ key, message: `${label}=${text} is not a label that Kubernetes accepts: ${keyAndValueForm}.` }];
			}
			return isReservedLabel(label)
				? [{ key, message: "is a label that Kubernetes or RKE2 sets itself; use another one." }]
				: [];
		}),
	);
}
