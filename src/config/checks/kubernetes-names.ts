/** Keys and values of labels and taints that Kubernetes accepts. */

const name = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const domain = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

/** Both forms, for messages. */
export const keyAndValueForm =
	"a key is up to 63 letters, digits and . _ -, with a letter or a digit at both ends, and optionally a DNS name and a slash in front; a value is the same without that, or empty";

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
export function isKey(text: string): boolean {
	const slash = text.indexOf("/");
	const prefix = text.slice(0, Math.max(slash, 0));
	return name.test(text.slice(slash + 1)) && (slash < 0 || (domain.test(prefix) && prefix.length <= 253));
}

export function isValue(text: string): boolean {
	return text === "" || name.test(text);
}

/** https://kubernetes.io/docs/reference/labels-annotations-taints/ */
const reservedLabels = [
	/^(beta\.)?kubernetes\.io\/(arch|hostname|os)$/,
	/^node-role\.kubernetes\.io\/(control-plane|etcd|master)$/,
	/^node\.kubernetes\.io\/(instance-type|exclude-from-external-load-balancers)$/,
];

/** Whether Kubernetes or RKE2 sets the label itself. */
export function isReservedLabel(label: string): boolean {
	return reservedLabels.some((pattern) => pattern.test(label));
}
