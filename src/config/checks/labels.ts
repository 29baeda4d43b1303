/** Labels that the kubelet sets on its own node at registration. */
import type { Problem } from "../problems.ts";
import type { StackConfig } from "../schema.ts";

/**
 * The kubelet refuses to start with any other label under kubernetes.io or k8s.io.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction
 */
const allowed = [
	/^(kubelet|node)\.kubernetes\.io\//,
	/^kubernetes\.io\/(arch|hostname|os)$/,
	/^topology\.kubernetes\.io\/(region|zone)$/,
];

export function checkLabels({ nodes }: StackConfig): Problem[] {
	return Object.entries(nodes).flatMap(([name, { labels }]) =>
		Object.keys(labels)
			.filter((label) => /(^|\.)(kubernetes|k8s)\.io\//.test(label) && !allowed.some((pattern) => pattern.test(label)))
			.map((label) => ({
				key: `nodes.${name}.labels.${label}`,
				message: "is a label that the kubelet may not set on its own node; use a prefix of your own.",
			})),
	);
}
