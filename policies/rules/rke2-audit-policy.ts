import { parse } from "yaml";
import type { NodeFile } from "../../src/rke2/bundle.ts";
import { paths } from "../../src/rke2/paths.ts";
import { type AuditPolicy, auditLevels } from "../lib/audit-policy.ts";
import { serverRule } from "../lib/rules-about.ts";

/** Requests that carry secrets: who asked must be recorded, the body never. */
const sensitive = [
	["", "secrets"],
	["", "configmaps"],
	["authentication.k8s.io", "tokenreviews"],
] as const;

/** Requests that reach into containers and nodes, or change what runs. */
const recorded = [
	["", "pods"],
	["", "pods/exec"],
	["", "pods/attach"],
	["", "pods/portforward"],
	["", "pods/proxy"],
	["", "services/proxy"],
	["", "nodes/proxy"],
	["apps", "deployments"],
	["rbac.authorization.k8s.io", "clusterrolebindings"],
] as const;

/** RKE2 writes a policy of its own only where none exists, and that one records nothing. */
export const rke2AuditPolicy = serverRule({
	name: "rke2-audit-policy",
	description: "Every server records who did what, and records no secret.",
	severity: "high",
	evidence: { cisControls: ["8.2", "8.5"], iso27001: ["A.8.15"], nist80053: ["AU-2", "AU-3", "AU-12"] },
	remediation:
		"Send the servers an audit policy that ends in a rule for everything, with Metadata for Secrets, ConfigMaps and TokenReviews before it.",
	url: "https://docs.rke2.io/security/hardening_guide",

	check(config, report, resource) {
		const path = String(config.effective["audit-policy-file"] ?? paths.auditPolicy);
		const policy = auditPolicy(config.nodeFiles.find((file) => file.path === path));
		if (!policy) {
			report(`${resource.name} configures a server without an audit policy in ${path}; add one.`);
			return;
		}
		const silent = [...sensitive, ...recorded].filter(
			([group, kind]) => auditLevels(policy, group, kind).rest === "None",
		);
		if (silent.length > 0) {
			report(`The audit policy in ${resource.name} does not record ${names(silent)}; record at least Metadata.`);
		}
		const leaked = sensitive.filter(([group, kind]) => {
			const { some, rest } = auditLevels(policy, group, kind);
			return [...some, rest].some((level) => level === "Request" || level === "RequestResponse");
		});
		if (leaked.length > 0) {
			report(`The audit policy in ${resource.name} records the content of ${names(leaked)}; record Metadata only.`);
		}
	},
});

function names(kinds: readonly (readonly [group: string, kind: string])[]): string {
	return kinds.map(([, kind]) => kind).join(", ");
}

function auditPolicy(file: NodeFile | undefined): AuditPolicy | undefined {
	try {
		const policy = file && (parse(file.content) as AuditPolicy | null);
		return policy?.kind === "Policy" ? policy : undefined;
	} catch {
		return undefined;
	}
}
