/** Label selectors: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors */
import type { Shaped } from "../reading/shape.ts";

/** The label with the name of a namespace, which the API server sets. */
const nameLabel = "kubernetes.io/metadata.name";

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
				operator === "DoesNotExist" || operator === "NotIn" || (operator === "Exists" && key === nameLabel),
		)
	);
}

/**
 * The namespaces that a selector selects, beside those that it names.
 *
 * @param namespaces labels of each, by its name
 */
export function selectedNamespaces(
	{ matchLabels = {}, matchExpressions = [] }: Shaped<typeof selectorShape>,
	namespaces: ReadonlyMap<string, Readonly<Record<string, unknown>>>,
): string[] {
	return [...namespaces]
		.map(([name, labels]) => ({ name, labels: { ...labels, [nameLabel]: name } as Record<string, unknown> }))
		.filter(
			({ labels }) =>
				Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
				matchExpressions.every(({ key, operator, values }) => {
					const value = labels[String(key)];
					const listed = Array.isArray(values) && values.includes(value);
					return operator === "In"
						? listed
						: operator === "NotIn"
							? !listed
							: (value !== undefined) === (operator === "Exists");
				}),
		)
		.map(({ name }) => name);
}
