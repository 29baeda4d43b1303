import type { Finding } from "./access.ts";

/** e.g. `ServiceAccount app/ci may create pods by ClusterRole app, which is to run as any ServiceAccount.` */
export function sentenceOf({ holder, role, verbs, resources, escalation }: Finding): string {
	const by = role === undefined ? "" : ` by ${role}`;
	return `${holder} may ${verbs.join(" or ")} ${resources.join(" and ")}${by}, which is to ${escalation.because}.`;
}
