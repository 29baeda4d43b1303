/** Label selectors: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors */
import type { Shaped } from "../reading/shape.ts";

export const selectorShape = { matchLabels: "object", matchExpressions: ["object"] } as const;

/** Whether a selector selects everything. */
export function selectsEverything({ matchLabels = {}, matchExpressions = [] }: Shaped<typeof selectorShape>): boolean {
	return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
}

/**
 * Whether a selector requires no label with a chosen value: it selects all namespaces or pods but those that it excludes.
 * Every namespace has a label with its own name (https://kubernetes.io/docs/reference/labels-annotations-taints/).
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
