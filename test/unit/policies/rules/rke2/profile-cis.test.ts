import { describe, expect, test } from "vitest";
import { rke2ProfileCis } from "../../../../../policies/rules/rke2/profile-cis.ts";
import { agentConfig, commandWith, configPath, serverConfig } from "../../bundle.ts";
import { unknown, violations } from "../../run-rule.ts";

describe("passes", () => {
	test("profile: cis on an agent and on a server", () => {
		expect(violations(rke2ProfileCis, agentConfig("profile: cis\n"))).toEqual([]);
		expect(violations(rke2ProfileCis, serverConfig("profile: cis\n"))).toEqual([]);
	});

	test("the input of an old join, which cannot change any more", () => {
		const given = serverConfig("node-name: proj-k8sm01\n", {}, "proj-k8sm01-join");
		const join = { ...given, ignoreChanges: ["create", "stdin"] };
		expect(violations(rke2ProfileCis, join)).toEqual([]);
	});

	test("a command that carries no RKE2 configuration", () => {
		const files = commandWith({ "/etc/rancher/rke2/token": "secret\n" });
		expect(violations(rke2ProfileCis, files)).toEqual([]);
		expect(violations(rke2ProfileCis, { ...files, props: { create: "true", stdin: "yes\n" } })).toEqual([]);
		expect(violations(rke2ProfileCis, { ...files, props: { create: "true" } })).toEqual([]);
	});
});

describe("refuses", () => {
	test("no profile", () => {
		expect(violations(rke2ProfileCis, agentConfig("node-name: proj-k8sw01\n"))).toEqual([
			"The RKE2 configuration in proj-k8sw01-converge has no profile; the only allowed one is cis.",
		]);
	});

	test("another profile", () => {
		expect(violations(rke2ProfileCis, serverConfig("profile: etcd\n"))).toEqual([
			"The RKE2 configuration in proj-k8sm01-converge has the profile etcd; the only allowed one is cis.",
		]);
	});

	test("a drop-in that removes the profile", () => {
		const files = { [configPath]: "profile: cis\n", "/etc/rancher/rke2/config.yaml.d/90-local.yaml": 'profile: ""\n' };
		expect(violations(rke2ProfileCis, commandWith(files))).toHaveLength(1);
	});

	test("a file that is not YAML", () => {
		expect(violations(rke2ProfileCis, agentConfig("profile: cis\n\tnode-ip: [\n"))).toHaveLength(1);
	});

	test("a configuration behind a script", () => {
		const { props, ...command } = agentConfig("profile: etcd\n");
		const stdin = `#!/bin/bash\nset -eu\n${props.stdin}`;
		expect(violations(rke2ProfileCis, { ...command, props: { stdin } })).toHaveLength(1);
	});

	test("files that cannot be parsed, without repeating them", () => {
		const stdin = "file /etc/rancher/rke2/config.yaml 0600 root:root\nprofile: cis\ntoken: s3cr3t\n";
		expect(violations(rke2ProfileCis, { ...agentConfig(""), props: { stdin } })).toEqual([
			"stdin of proj-k8sw01-converge begins as files for a node but does not go on as such, so this rule cannot be decided.",
		]);
	});

	test("standard input that is unknown at preview", () => {
		const command = { type: "command:remote:Command", props: { create: "sh -s", stdin: unknown } };
		expect(violations(rke2ProfileCis, command)).toEqual([expect.stringContaining("stdin is not known at preview")]);
	});
});
