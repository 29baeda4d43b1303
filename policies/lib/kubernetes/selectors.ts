/** Label selectors: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors */
import type { Shaped } from "../reading/shape.ts";

export const selectorShape = { matchLabels: "object", matchExpressions: ["object"] } as const;

/** Whether a selector, where there is one, leaves nothing out. */
export function selectsEverything({ matchLabels = {}, matchExpressions = [] }: Shaped<typeof selectorShape>): boolean {
	return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
}
