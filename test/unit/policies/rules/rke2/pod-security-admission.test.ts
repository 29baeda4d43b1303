import { describe, expect, test } from "vitest";
import { rke2PodSecurityAdmission } from "../../../../../policies/rules/rke2/pod-security-admission.ts";
import { serverConfig } from "../../bundle.ts";
import { violations } from "../../run-rule.ts";

const path = "/etc/rancher/rke2/admission.yaml";
const server = (...plugins: unknown[]) =>
	serverConfig(`pod-security-admission-config-file: ${path}\n`, { [path]: `${JSON.stringify({ plugins })}\n` });
const podSecurity = (enforce: string, ...namespaces: string[]) => ({
	name: "PodSecurity",
	configuration: { defaults: { enforce }, exemptions: { usernames: [], namespaces } },
});
const eventRateLimit = { name: "EventRateLimit", configuration: {} };

describe("passes", () => {
	test("the file that the CIS profile writes", () => {
		expect(violations(rke2PodSecurityAdmission, serverConfig("profile: cis\n"))).toEqual([]);
	});

	test("restricted by default, with kube-system exempt, beside another plugin", () => {
		const command = server(eventRateLimit, podSecurity("restricted", "kube-system"));
		expect(violations(rke2PodSecurityAdmission, command)).toEqual([]);
	});
});

describe("refuses", () => {
	test("a lower level", () => {
		expect(violations(rke2PodSecurityAdmission, server(podSecurity("baseline")))).toEqual([
			`${path} in proj-k8sm01-converge enforces baseline by default; the only allowed level is restricted.`,
		]);
	});

	test("another exempt namespace", () => {
		expect(violations(rke2PodSecurityAdmission, server(podSecurity("restricted", "kube-system", "default")))).toEqual([
			`${path} in proj-k8sm01-converge exempts default; only kube-system may be exempt.`,
		]);
	});

	test.each([
		["a file without the plugin", server(eventRateLimit)],
		["an empty file", serverConfig(`pod-security-admission-config-file: ${path}\n`, { [path]: "\n" })],
		["a file that is not YAML", serverConfig(`pod-security-admission-config-file: ${path}\n`, { [path]: "a: [\n" })],
		["a file that is nowhere sent", serverConfig(`pod-security-admission-config-file: ${path}\n`)],
	])("%s", (_, command) => {
		expect(violations(rke2PodSecurityAdmission, command)).toEqual([
			`${path} in proj-k8sm01-converge enforces nothing by default; the only allowed level is restricted.`,
		]);
	});
});
