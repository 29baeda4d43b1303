import { X509Certificate } from "node:crypto";
import { parse, parseAllDocuments, stringify } from "yaml";

interface Kubeconfig {
	clusters: [{ name: string; cluster: Record<string, unknown> }];
	users: [{ name: string; user: Record<string, unknown> }];
	contexts: [{ name: string; context: Record<string, unknown> }];
}

/**
 * The administrator's kubeconfig for use outside the cluster: with the address of the API in place of the server that it was
 * read on, and with the cluster's name in place of `default`, so that it can be merged with others.
 *
 * @param text rke2.yaml as servers write it, one document for each server. The one that is valid longest counts: each server
 *   renews its own at a start.
 */
export function adminKubeconfig(text: string, { name, server }: { name: string; server: string }): string {
	const documents = parseAllDocuments(text).map((document) => document.toJS() as Kubeconfig);
	const longest = documents.reduce((best, other) => (endOf(other) > endOf(best) ? other : best));
	const {
		clusters: [{ cluster }],
		users: [{ user }],
	} = longest;
	const admin = `${name}-admin`;
	return stringify({
		apiVersion: "v1",
		kind: "Config",
		clusters: [{ name, cluster: { ...cluster, server } }],
		users: [{ name: admin, user }],
		contexts: [{ name, context: { cluster: name, user: admin } }],
		"current-context": name,
	});
}

/** @returns the end of the client certificate; nothing when the text has none */
export function kubeconfigEnd(text: string): Date | undefined {
	const end = endOf(parse(text) as Kubeconfig);
	return end > 0 ? new Date(end) : undefined;
}

/** Milliseconds since 1970, or 0 without a certificate. */
function endOf({ users: [{ user }] }: Kubeconfig): number {
	try {
		return Date.parse(new X509Certificate(Buffer.from(String(user["client-certificate-data"]), "base64")).validTo);
	} catch {
		return 0;
	}
}

/**
 * Days before the end of the certificate at which the program reads the kubeconfig again. RKE2 renews a certificate at its next
 * start in the last 120 days (docs.rke2.io/security/certificates), so the first reading may find the same one.
 */
const renewalDays = [60, 45, 30, 21, 14, 7, 3, 1] as const;
/** Later than the first reading. */
const warningDays = 45;
const dayMs = 86_400_000;

/**
 * The kubeconfig is that of the server whose certificate is valid longest. If it still ends soon after it was read again, no server
 * has restarted since RKE2 could renew its certificates, and all of them end.
 *
 * @param end of the recorded certificate
 */
export function certificateWarning(end: Date, now: Date): string | undefined {
	return end.getTime() - now.getTime() > warningDays * dayMs
		? undefined
		: `RKE2's certificates on the control planes end by ${end.toISOString().slice(0, 10)}, and RKE2 renews them only when it restarts: docs/operations/certificates.md.`;
}

/**
 * @param end of the recorded certificate
 * @returns a text that changes each time at which the kubeconfig has to be read again; nothing on all other days
 */
export function kubeconfigRenewal(end: Date, now: Date): string | undefined {
	const daysLeft = (end.getTime() - now.getTime()) / dayMs;
	if (daysLeft <= 0) {
		// Each `up` reads again, until a server has renewed its own.
		return `expired,${now.toISOString()}`;
	}
	const step = renewalDays.findLast((days) => daysLeft <= days);
	return step && `${end.toISOString()},${step}`;
}
