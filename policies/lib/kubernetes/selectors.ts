/** Label selectors: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors */
import type { Shaped } from "../reading/shape.ts";

export const selectorShape = { matchLabels: "object", matchExpressions: ["object"] } as const;

/** Whether a selector, where there is one, leaves nothing out. */
export function selectsEverything({ matchLabels = {}, matchExpressions = [] }: Shaped<typeof selectorShape>): boolean {
	return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
}

/**
 * Whether a selector names nothing that a namespace or a pod has to carry: it takes all of them but what it leaves out.
 * Every namespace carries its own name (https://kubernetes.io/docs/reference/labels-annotations-taints/).
 */
export function selectsAllButSome({ matchLabels, matchExpressions = [] }: Shaped<typeof selectorShape>): boolean {
	return (
		selectsEverything({ matchLabels }) &&
		matchExpressions.every(
			({ key, operator }) =>
				operator === "DoesNotExist" ||
				operator === "NotIn" ||
				(operator === "Exists" && key === "kubernetes.io/metadata.name"),
		)
	);
}
