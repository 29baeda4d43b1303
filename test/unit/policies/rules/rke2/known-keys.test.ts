import { expect, test } from "vitest";
import { rke2KnownKeys } from "../../../../../policies/rules/rke2/known-keys.ts";
import { agentConfig, commandWith, configPath, serverConfig } from "../../bundle.ts";
import { violations } from "../../run-rule.ts";

test("keys of the role pass, for a server and for an agent", () => {
	expect(violations(rke2KnownKeys, serverConfig("profile: cis\ntls-san: [10.25.20.29]\ncni: canal\n"))).toEqual([]);
	expect(violations(rke2KnownKeys, agentConfig("profile: cis\nserver: https://10.25.20.29:9345\n"))).toEqual([]);
});

test("a key that a drop-in appends to passes", () => {
	const dropIn = "/etc/rancher/rke2/config.yaml.d/50-labels.yaml";
	const files = { [configPath]: "profile: cis\n", [dropIn]: "node-label+:\n  - gpu=true\n" };
	expect(violations(rke2KnownKeys, commandWith(files))).toEqual([]);
});

test("a mistyped key is refused by name", () => {
	expect(violations(rke2KnownKeys, agentConfig("profle: cis\n"))).toEqual([
		`${configPath} in proj-k8sw01-converge has profle, which an RKE2 agent ignores as unknown; correct or remove it.`,
	]);
});

test("a key of K3s that RKE2 does not have is refused", () => {
	expect(violations(rke2KnownKeys, serverConfig("flannel-backend: wireguard\ncluster-init: true\n"))).toEqual([
		`${configPath} in proj-k8sm01-converge has flannel-backend, cluster-init, which an RKE2 server ignores as unknown; correct or remove it.`,
	]);
});

test("a key of servers is refused on an agent", () => {
	expect(violations(rke2KnownKeys, agentConfig("cni: canal\n"))).toEqual([
		expect.stringContaining("has cni, which an RKE2 agent ignores as unknown"),
	]);
});

test("a mistyped key in a drop-in is refused, and its value not repeated", () => {
	const dropIn = "/etc/rancher/rke2/config.yaml.d/50-token.yaml";
	const files = { [configPath]: "profile: cis\n", [dropIn]: "tokn: s3cr3t\n" };
	expect(violations(rke2KnownKeys, commandWith(files))).toEqual([
		`${dropIn} in proj-k8sm01-converge has tokn, which an RKE2 agent ignores as unknown; correct or remove it.`,
	]);
});

test.each(["- profile: cis\n", "profile: [\n", "\n"])("%j is refused because it is not a configuration", (content) => {
	expect(violations(rke2KnownKeys, agentConfig(content))).toEqual([
		`${configPath} in proj-k8sw01-converge is not a YAML mapping; RKE2 exits on it.`,
	]);
});
