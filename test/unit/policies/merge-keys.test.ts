/** Rules evaluate the members of a YAML merge key (`<<`) wherever the API server reads them. */
import { expect, test } from "vitest";
import { objectsIn, resourceOf } from "../../../policies/lib/kubernetes/objects.ts";
import { findViolations } from "../../../policies/lib/rules/evaluate.ts";
import { kubernetesHostNamespaces } from "../../../policies/rules/kubernetes/host-namespaces.ts";
import { rke2AdmissionPlugins } from "../../../policies/rules/rke2/admission-plugins.ts";
import { rke2AuditPolicy } from "../../../policies/rules/rke2/audit-policy.ts";
import { rke2KnownKeys } from "../../../policies/rules/rke2/known-keys.ts";
import { rke2PodSecurityAdmission } from "../../../policies/rules/rke2/pod-security-admission.ts";
import { rke2ProfileCis } from "../../../policies/rules/rke2/profile-cis.ts";
import { serverConfig } from "./bundle.ts";
import { violations } from "./run-rule.ts";

const manifest = "/var/lib/rancher/rke2/server/manifests/agent.yaml";
const daemonSet = (...spec: string[]) =>
	[
		"apiVersion: apps/v1",
		"kind: DaemonSet",
		"metadata: {name: agent, namespace: kube-system}",
		"host: &host {hostPID: true}",
		"spec:",
		"  template:",
		"    spec:",
		...spec.map((line) => `      ${line}`),
		"",
	].join("\n");
const sharesProcesses = "DaemonSet kube-system/agent has hostPID; remove it (control 5.2.3).";

test("a rule evaluates a merge key in a manifest for a server", () => {
	const given = serverConfig("profile: cis\n", { [manifest]: daemonSet("<<: *host") });
	expect(violations(kubernetesHostNamespaces, given)).toEqual([sharesProcesses]);
});

test("a rule evaluates a merge key in a rendered chart, also when it names another version of YAML", () => {
	for (const text of [daemonSet("<<: [*host]"), `%YAML 1.2\n---\n${daemonSet("<<: *host")}`]) {
		const resources = objectsIn(text, "agent.yaml").map((object) => resourceOf(object, "urn"));
		const found = findViolations(kubernetesHostNamespaces, resources);
		expect(found.map(({ message }) => message)).toEqual([sharesProcesses]);
	}
});

test.each([["hostPID: false", "<<: *host"], ["!!merge <<: *host"]])(
	"a rule cannot decide about a merge key that parsers read in two ways: %s",
	(...spec) => {
		const given = serverConfig("profile: cis\n", { [manifest]: daemonSet(...spec) });
		expect(violations(kubernetesHostNamespaces, given)).toEqual([
			`${manifest} in proj-k8sm01-converge has a merge key (<<) that does not stand first, so this rule cannot be decided.`,
		]);
	},
);

test.each([
	["a carriage return", "\r"],
	["a next line", "\u0085"],
	["a line separator", "\u2028"],
	["a paragraph separator", "\u2029"],
])("a rule cannot decide about a rendered chart with %s, which begins a line for the API server", (_, lineBreak) => {
	const text = `${daemonSet("hostPID: false")}# a comment${lineBreak}host: true\n`;
	expect(() => objectsIn(text, "agent.yaml")).toThrow("has another line break than a line feed");
});

const admission = "/etc/rancher/rke2/admission.yaml";
const admissionFile = `pod-security-admission-config-file: ${admission}\n`;

test("a rule evaluates a merge key in the admission configuration", () => {
	const exempting =
		"plugins:\n- name: PodSecurity\n  configuration:\n    <<: {exemptions: {namespaces: [prod]}}\n    defaults: {enforce: restricted}\n";
	expect(violations(rke2PodSecurityAdmission, serverConfig(admissionFile, { [admission]: exempting }))).toEqual([
		`${admission} in proj-k8sm01-converge exempts prod; only kube-system may be exempt.`,
	]);
	const limiting =
		"plugins:\n- name: EventRateLimit\n  configuration:\n    <<: {limits: [{type: Server}]}\n    limits: []\n";
	const enabling = `${admissionFile}kube-apiserver-arg: ["enable-admission-plugins=DenyServiceExternalIPs,EventRateLimit"]\n`;
	expect(violations(rke2AdmissionPlugins, serverConfig(enabling, { [admission]: limiting }))).toEqual([
		expect.stringContaining("configures no limits for EventRateLimit"),
	]);
});

test("a rule evaluates a merge key in the audit policy", () => {
	const silent = "kind: Policy\nrules:\n- <<: {level: None}\n- level: Metadata\n";
	const given = serverConfig("profile: cis\n", { "/etc/rancher/rke2/audit-policy.yaml": silent });
	expect(violations(rke2AuditPolicy, given)).toEqual([expect.stringContaining("does not record secrets")]);
});

test("a rule ignores a merge key in RKE2's configuration, as RKE2 does", () => {
	const given = serverConfig("<<: {profile: cis}\n");
	expect(violations(rke2ProfileCis, given)).toEqual([expect.stringContaining("has no profile")]);
	expect(violations(rke2KnownKeys, given)).toEqual([
		expect.stringContaining("has <<, which an RKE2 server ignores as unknown"),
	]);
});
