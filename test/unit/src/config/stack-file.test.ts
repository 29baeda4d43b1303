import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseSecrets, parseStack } from "../../../../src/config/read/parse.ts";
import { ConfigurationError } from "../../../../src/config/read/problems.ts";
import { encrypted } from "../../../../src/config/read/readable.ts";
import { readStackFile } from "../../../../src/config/read/stack-file.ts";
import { deriveAgentToken } from "../../../../src/rke2/agent-token.ts";
import { labValues } from "../../../fixtures/lab.ts";

test("parseStack accepts the lab's stack file with its two checksums", () => {
	expect(parseStack(labValues()).problems).toEqual([]);
});

test("parseStack asks for the two checksums that the administrator adds", () => {
	const text = readFileSync(new URL("../../../../Pulumi.lab.yaml", import.meta.url), "utf8");
	const { values, problems } = readStackFile(text, "rke2-lab");
	expect(problems).toEqual([]);
	expect(parseStack(values).problems.map(({ key, message }) => `${key}: ${message}`)).toEqual([
		"cluster.artifacts.sha256: is missing.",
		"proxmox.image.sha256: is missing.",
	]);
});

test("readStackFile reports a duplicate name by its key", () => {
	const text = "config:\n  rke2-lab:nodes:\n    proj-k8sm01: {}\n    proj-k8sm01: {}\n";
	expect(readStackFile(text, "rke2-lab").problems).toEqual([
		{ key: "nodes.proj-k8sm01", message: "is there twice; every name may occur once." },
	]);
});

test.each([
	[
		"a list without an end",
		"config: [",
		"is not YAML in line 1: the indentation does not fit the lines above, or a bracket is not closed.",
	],
	[
		"an alias of nothing",
		"config: *hunter2",
		"has an alias (a value that begins with a star) without its anchor; a text that begins with a star needs quotes.",
	],
])("text that is no YAML is a mistake in one sentence that does not quote it: %s", (_, text, sentence) => {
	expect(() => readStackFile(text, "rke2-lab")).toThrow(
		new ConfigurationError([{ key: "stack file", message: sentence }]),
	);
});

test("parseStack accepts an encrypted value, and reports other mistakes beside it", () => {
	const nodes = labValues().nodes as Record<string, object>;
	const { problems, value } = parseStack({
		...labValues(),
		nodes: {
			...nodes,
			"proj-k8sw01": { ...nodes["proj-k8sw01"], address: encrypted },
			"proj-k8sw02": { ...nodes["proj-k8sw02"], vmId: 104 },
		},
	});
	expect(problems.map(({ key }) => key)).toEqual(["nodes.proj-k8sw02.vmId"]);
	expect(value).toBeUndefined();
});

test("readStackFile separates encrypted values from plain ones", () => {
	const text = "config:\n  rke2-lab:clusterToken: { secure: AAAB }\n  rke2-lab:ssh: { user: ops }\n  other:key: 1\n";
	const file = readStackFile(text, "rke2-lab");
	expect(file.encrypted).toEqual(["clusterToken"]);
	expect(file.values).toEqual({ ssh: { user: "ops" } });
});

test("parseSecrets names the command for a missing secret, and never repeats a malformed one", () => {
	const { problems } = parseSecrets({ proxmoxApiToken: "hunter2", cloudflareApiToken: "x" });
	expect(problems.map(({ key, message }) => `${key}: ${message}`)).toEqual([
		"proxmoxApiToken: must have the form user@realm!name=uuid.",
		"clusterToken: is missing; set it with `pulumi config set --secret clusterToken`.",
	]);
});

test("parseSecrets requires the credentials of a snapshot store only with a snapshot store", () => {
	const secrets = {
		proxmoxApiToken: "pulumi@pve!lab=00000000-0000-0000-0000-000000000000",
		clusterToken: "0123456789abcdef0123456789abcdef",
		cloudflareApiToken: "x",
	};
	const s3 = { endpoint: "s3.internal:9000", bucket: "rke2-etcd-backups" };
	const stack = parseStack(labValues({ cluster: { etcdSnapshots: { s3 } } }));
	expect(parseSecrets(secrets, stack.value).problems.map(({ key, message }) => `${key}: ${message}`)).toEqual([
		"etcdS3AccessKey: is missing; set it with `pulumi config set --secret etcdS3AccessKey`.",
		"etcdS3SecretKey: is missing; set it with `pulumi config set --secret etcdS3SecretKey`.",
	]);
	expect(parseSecrets(secrets, parseStack(labValues()).value).problems).toEqual([]);
});

test("parseSecrets accepts an optional agent token that differs from the cluster token", () => {
	const about = (agentToken: string | undefined) =>
		parseSecrets({ clusterToken: "0".repeat(32), agentToken })
			.problems.filter(({ key }) => key === "agentToken")
			.map(({ message }) => message);
	expect(about(undefined)).toEqual([]);
	expect(about("1".repeat(32))).toEqual([]);
	expect(about("hunter2")).toEqual(["must be at least 32 letters and digits, e.g. from `openssl rand -hex 32`."]);
	expect(about("0".repeat(32))).toEqual([
		"must not equal clusterToken, which would then be on every worker; remove it or set another one.",
	]);
});

test("agentTokenFrom returns a token of the same form that does not contain the cluster token", () => {
	const clusterToken = "0123456789abcdef".repeat(4);
	const derived = deriveAgentToken(clusterToken);
	expect(parseSecrets({ clusterToken, agentToken: derived }).problems.map(({ key }) => key)).not.toContain(
		"agentToken",
	);
	expect(derived).not.toContain(clusterToken.slice(0, 12));
	expect(deriveAgentToken(clusterToken)).toBe(derived);
	expect(deriveAgentToken(`${clusterToken}0`)).not.toBe(derived);
});

test.each([
	["no JSON", "robot:hunter2"],
	["no password", '{"harbor.lab.internal":{"username":"robot"}}'],
	["a URL instead of a host", '{"https://harbor.lab.internal":{"username":"robot","password":"hunter2"}}'],
])("credentials of registries that are %s are refused without being repeated", (_, registryCredentials) => {
	const problems = parseSecrets({ registryCredentials }).problems.filter(({ key }) => key === "registryCredentials");
	expect(problems.map(({ message }) => message)).toEqual([
		'must be JSON such as {"harbor.lab.internal":{"username":"robot","password":"..."}}.',
	]);
});
