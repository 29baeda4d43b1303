import { FatalError } from "../process/log.ts";

// Labels in the reserved namespaces that a kubelet may set on its own Node (kubelet --node-labels, KEP 279).
const allowedPrefixes = ["kubelet.kubernetes.io", "node.kubernetes.io"];
const allowedLabels = new Set([
	"kubernetes.io/hostname",
	"kubernetes.io/os",
	"kubernetes.io/arch",
	"topology.kubernetes.io/zone",
	"topology.kubernetes.io/region",
	"beta.kubernetes.io/os",
	"beta.kubernetes.io/arch",
	"beta.kubernetes.io/instance-type",
	"failure-domain.beta.kubernetes.io/zone",
	"failure-domain.beta.kubernetes.io/region",
]);

/**
 * Reads `node-label` entries as a kubelet does.
 * @throws FatalError for labels that a kubelet does not start with, such as `node-role.kubernetes.io/*`
 */
export function nodeLabels(entries: string[]): Record<string, string> {
	const labels = Object.fromEntries(
		entries.map((entry) => {
			const equals = entry.indexOf("=");
			return equals < 0 ? [entry, ""] : [entry.slice(0, equals), entry.slice(equals + 1)];
		}),
	);
	const refused = Object.keys(labels).filter(isRefused).sort();
	if (refused.length > 0) {
		throw new FatalError(
			`kubelet exited: unknown 'kubernetes.io' or 'k8s.io' labels specified with --node-labels: [${refused.join(" ")}]; ` +
				`labels in these namespaces must begin with ${allowedPrefixes.join(" or ")}, or be one of ${[...allowedLabels].join(", ")}`,
		);
	}
	return labels;
}

function isRefused(label: string): boolean {
	const slash = label.indexOf("/");
	if (slash < 0) {
		return false;
	}
	const namespace = label.slice(0, slash);
	const within = (domain: string) => namespace === domain || namespace.endsWith(`.${domain}`);
	if (!within("kubernetes.io") && !within("k8s.io")) {
		return false;
	}
	return !allowedLabels.has(label) && !allowedPrefixes.some(within);
}

interface Taint {
	key: string;
	value?: string;
	effect: string;
}

/** Reads `node-taint` entries, `key[=value]:Effect`. */
export function nodeTaints(entries: string[]): Taint[] {
	return entries.map((entry) => {
		const match = /^([^=:]+)(?:=([^:]*))?:(NoSchedule|PreferNoSchedule|NoExecute)$/.exec(entry);
		if (match?.[1] === undefined || match[3] === undefined) {
			throw new FatalError(`kubelet exited: invalid taint ${JSON.stringify(entry)} in --register-with-taints`);
		}
		return { key: match[1], ...(match[2] ? { value: match[2] } : {}), effect: match[3] };
	});
}
