import { platformNamespaces } from "../../../src/facts/add-ons.ts";
import type { LabelSelector, NamedPolicy } from "../network-policies/network-policy.ts";
import { allowDns, allowEgress, allowIngress, defaultDeny, namespaceNamed, tcp } from "../network-policies/rules.ts";

/** Port at which the pods of the network check answer. */
export const checkPort = 8080;

/** The pods of the check look up each other's names and call each other. */
export function networkCheckPolicies(): NamedPolicy[] {
	const namespace = platformNamespaces.networkCheck;
	const pods: LabelSelector = { matchLabels: { "app.kubernetes.io/name": namespace } };
	const peers = [{ namespaceSelector: namespaceNamed(namespace), podSelector: pods }];
	const ports = tcp(checkPort);
	return [
		defaultDeny(),
		allowDns(),
		allowIngress("allow-each-other", pods, { from: peers, ports }),
		allowEgress("allow-to-each-other", pods, { to: peers, ports }),
	];
}
