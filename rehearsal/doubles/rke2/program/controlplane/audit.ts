import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { stringify } from "yaml";
import type { ServerSettings } from "../config/settings.ts";
import type { Paths } from "../paths.ts";
import { writeFileAtomically } from "../process/files.ts";

/**
 * The API server's audit flags, set by a profile or by `audit-policy-file`. As in RKE2, a missing policy file is written
 * with the level `None`, which records nothing.
 */
export function auditArguments(paths: Paths, settings: ServerSettings): Record<string, string> {
	if (settings.profile !== "cis" && settings.auditPolicyFile === undefined) {
		return {};
	}
	const policy = settings.auditPolicyFile ?? paths.auditPolicy;
	if (!existsSync(policy)) {
		const nothing = { apiVersion: "audit.k8s.io/v1", kind: "Policy", metadata: {}, rules: [{ level: "None" }] };
		writeFileAtomically(policy, stringify(nothing), 0o600);
	}
	mkdirSync(dirname(paths.auditLog), { recursive: true, mode: 0o700 });
	return {
		"audit-policy-file": policy,
		"audit-log-path": paths.auditLog,
		"audit-log-maxage": "30",
		"audit-log-maxbackup": "10",
		"audit-log-maxsize": "100",
	};
}
