/** Label selectors of a policy's peers, whose authors choose the labels that count. */

import type { Shaped } from "../reading/shape.ts";
import { type selectorShape, selectsEverything } from "./selectors.ts";

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
