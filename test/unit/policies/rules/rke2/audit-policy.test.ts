import { describe, expect, test } from "vitest";
import { rke2AuditPolicy } from "../../../../../policies/rules/rke2/audit-policy.ts";
import { agentConfig, serverConfig } from "../../bundle.ts";
import { violations } from "../../run-rule.ts";

const path = "/etc/rancher/rke2/audit-policy.yaml";
const policy = (rules: string) => `apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n${rules}`;
const audited = (rules: string) => serverConfig("profile: cis\n", { [path]: policy(rules) });

const quietHealthChecks = '- level: None\n  nonResourceURLs: ["/healthz*"]\n';
const quietNodes =
	'- level: None\n  userGroups: ["system:nodes"]\n  verbs: [get]\n  resources: [{group: "", resources: [pods]}]\n';
const secretsByMetadata =
	'- level: Metadata\n  resources: [{group: "", resources: [secrets, configmaps]}, {group: authentication.k8s.io, resources: [tokenreviews]}]\n';
const rolesWithContent =
	"- level: RequestResponse\n  resources: [{group: rbac.authorization.k8s.io, resources: [roles]}]\n";
const everythingElse = "- level: RequestResponse\n";

describe("passes", () => {
	test("a policy that records everything but noise, and no secret", () => {
		const rules = quietHealthChecks + quietNodes + rolesWithContent + secretsByMetadata + everythingElse;
		expect(violations(rke2AuditPolicy, audited(rules))).toEqual([]);
	});

	test("an agent, which has no API server", () => {
		expect(violations(rke2AuditPolicy, agentConfig("profile: cis\n"))).toEqual([]);
	});

	test("a policy in the file that the configuration names", () => {
		const files = { "/etc/rancher/rke2/own.yaml": policy("- level: Metadata\n") };
		const config = "audit-policy-file: /etc/rancher/rke2/own.yaml\n";
		expect(violations(rke2AuditPolicy, serverConfig(config, files))).toEqual([]);
	});
});

describe("refuses", () => {
	test("a server without a policy", () => {
		expect(violations(rke2AuditPolicy, serverConfig("profile: cis\n"))).toEqual([
			`proj-k8sm01-converge configures a server without an audit policy in ${path}; add one.`,
		]);
	});

	test("RKE2's own policy, which records nothing", () => {
		expect(violations(rke2AuditPolicy, audited("- level: None\n"))).toEqual([
			expect.stringMatching(
				/^The audit policy in proj-k8sm01-converge does not record secrets, configmaps, .*pods\/exec/,
			),
		]);
	});

	test("a policy without a rule for everything", () => {
		expect(violations(rke2AuditPolicy, audited(secretsByMetadata))).toEqual([
			expect.stringMatching(/does not record pods, pods\/exec, .*clusterrolebindings; record at least Metadata\.$/),
		]);
	});

	test("a policy without subresources of pods", () => {
		const rules = `- level: None\n  resources: [{group: "", resources: ["pods/*"]}]\n${secretsByMetadata}${everythingElse}`;
		expect(violations(rke2AuditPolicy, audited(rules))).toEqual([
			"The audit policy in proj-k8sm01-converge does not record pods, pods/exec, pods/attach, pods/portforward, pods/proxy; record at least Metadata.",
		]);
	});

	test("a policy that records the content of Secrets", () => {
		expect(violations(rke2AuditPolicy, audited(everythingElse))).toEqual([
			"The audit policy in proj-k8sm01-converge records the content of secrets, configmaps, tokenreviews; record Metadata only.",
		]);
	});

	test("a policy that records the content of Secrets for some users", () => {
		const some = '- level: Request\n  users: ["admin"]\n';
		expect(violations(rke2AuditPolicy, audited(some + secretsByMetadata + everythingElse))).toEqual([
			expect.stringContaining("records the content of secrets, configmaps, tokenreviews"),
		]);
	});

	test("a file that is not an audit policy", () => {
		expect(violations(rke2AuditPolicy, serverConfig("profile: cis\n", { [path]: "kind: Pod\n" }))).toHaveLength(1);
		expect(violations(rke2AuditPolicy, serverConfig("profile: cis\n", { [path]: "rules: [\n" }))).toHaveLength(1);
	});
});
