import { expect, test } from "vitest";
import { rke2NoInlineSecret } from "../../../../../policies/rules/rke2/no-inline-secret.ts";
import { agentConfig, commandWith, configPath } from "../../bundle.ts";
import { violations } from "../../run-rule.ts";

test("the token in a file of its own passes", () => {
	const files = { [configPath]: "token-file: /etc/rancher/rke2/token\n", "/etc/rancher/rke2/token": "s3cr3t\n" };
	expect(violations(rke2NoInlineSecret, commandWith(files))).toEqual([]);
});

test.each([
	["token", "token-file"],
	["agent-token", "agent-token-file"],
	["etcd-s3-secret-key", "etcd-s3-config-secret"],
	["token+", "token-file"],
])("%s in config.yaml is refused and its value not repeated", (key, instead) => {
	expect(violations(rke2NoInlineSecret, agentConfig(`${key}: s3cr3t\n`))).toEqual([
		`${configPath} in proj-k8sw01-converge holds a secret under ${key}; use ${instead}.`,
	]);
});

test("a token in a drop-in is refused", () => {
	const dropIn = "/etc/rancher/rke2/config.yaml.d/10-token.yaml";
	expect(
		violations(rke2NoInlineSecret, commandWith({ [configPath]: "profile: cis\n", [dropIn]: "token: s3cr3t\n" })),
	).toEqual([`${dropIn} in proj-k8sm01-converge holds a secret under token; use token-file.`]);
});
