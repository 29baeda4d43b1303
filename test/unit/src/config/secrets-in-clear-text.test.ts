/** A secret in clear text is refused under every key, and no message repeats it. */
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { parseStack } from "../../../../src/config/read/parse.ts";
import { readStackFile } from "../../../../src/config/read/stack-file.ts";
import { labValues } from "../../../fixtures/lab.ts";

/** In two parts, so that a search of the repository for leaked secrets does not find these. */
const privateKey = ["-----BEGIN OPENSSH PRIVATE", "KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END"].join(" ");
const proxmoxToken = "root@pam!lab=12345678-1234-1234-1234-123456789abc";
const token = "4f1c9e0a7b2d8365f1c9e0a7b2d83654";

function messages(change: object, secrets: readonly string[] = []): string[] {
	return parseStack(labValues(change), { secrets }).problems.map(({ key, message }) => `${key}: ${message}`);
}

test.each([
	["clusterToken", token],
	["proxmoxApiToken", proxmoxToken],
	["cloudflareApiToken", "X7kd93_kdjHdu73hdkf93hdjHdu73hdkf93h"],
	["registryCredentials", '{"harbor.lab.internal":{"username":"robot","password":"hunter2hunter2"}}'],
	["etcdS3SecretKey", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"],
])("%s", (key, secret) => {
	const { problems, exposed, encrypted } = readStackFile(
		stringify({ config: { [`rke2-lab:${key}`]: secret } }),
		"rke2-lab",
	);
	expect(problems).toEqual([
		{
			key,
			message: `is in clear text; create a new one, and set it with \`pulumi config set --secret ${key}\`.`,
		},
	]);
	expect([exposed, encrypted]).toEqual([[secret], []]);
});

describe("parseStack refuses a secret in clear text under another key:", () => {
	const made = "in clear text, and everyone who reads the stack file has it; remove it, and create a new one.";
	const refused = "which is not repeated here: everyone who reads the stack file has it, so create a new one.";

	test.each<[what: string, change: object, message: string]>([
		[
			"a private key among the public ones",
			{ ssh: { authorizedKeys: [privateKey] } },
			`ssh.authorizedKeys.0: must be an OpenSSH public key, found a private key, ${refused}`,
		],
		[
			"a private key as an authority",
			{ cluster: { registries: { authorities: { "harbor.lab.internal": privateKey } } } },
			`cluster.registries.authorities.harbor.lab.internal: must be one or more certificates in PEM form, found a private key, ${refused}`,
		],
		[
			"a private key in a text that may say anything",
			{ gpus: { "rtx-a4000": { model: privateKey } } },
			`gpus.rtx-a4000.model: holds a private key ${made}`,
		],
		[
			"a Proxmox token in a text that may say anything",
			{ inventory: { owner: proxmoxToken } },
			`inventory.owner: holds a Proxmox API token ${made}`,
		],
		[
			"a token in the query of a URL",
			{ proxmox: { endpoint: "https://10.16.207.61:8006/?token=hunter2" } },
			`proxmox.endpoint: holds a URL with a token ${made}`,
		],
		[
			"a password in a URL in a text that may say anything",
			{ inventory: { owner: "see https://admin:hunter2@wiki.lab.internal/" } },
			`inventory.owner: holds a URL with a user name or a password ${made}`,
		],
		[
			"a GitHub token as a group",
			{ access: { clusterReaders: [`ghp_${token}${token}`] } },
			"access.clusterReaders.0: the group ... has no members without access.oidc, the identity provider.",
		],
		[
			"a token of an unknown form",
			{ network: { bridge: 5, gateway: token } },
			`network.gateway: must be an IPv4 address such as 10.25.20.4, found a text of ${token.length} letters and digits.`,
		],
		[
			"a private key within a map where a text belongs",
			{ ssh: { user: { key: privateKey } } },
			'ssh.user: must be a string, found {"key":"..."}.',
		],
	])("%s", (_, change, message) => {
		expect(messages(change)).toContain(message);
		expect(messages(change).join("\n")).not.toMatch(/hunter2|b3Blbn|4f1c9e|123456789abc/);
	});

	test("a secret of the stack itself in any form", () => {
		const found = messages({ inventory: { owner: "correct-horse" }, ssh: { user: "correct-horse Battery" } }, [
			"correct-horse",
		]);
		expect(found).toEqual([
			'ssh.user: must be a Linux user name of at most 32 characters such as ops, found "... Battery".',
			`inventory.owner: holds one of the stack's secrets ${made}`,
		]);
	});
});

test("parseStack cuts a value of 10 MB in the message of every rule", () => {
	const long = "a".repeat(10_000_000);
	const cut = `${"a".repeat(100)}... (10000000 characters)`;
	expect(messages({ network: { bridge: `${long}!` } })[0]).toContain(
		`network.bridge: must be the name of a bridge of at most 15 characters such as vmbr0, found "${"a".repeat(99)}... (10000003 characters).`,
	);
	expect(messages({ nodes: { "proj-k8sw04": { labels: { [long]: "x" } } } })[0]).toContain(
		`nodes.proj-k8sw04.labels.${cut}: ${cut}=x is not a label that Kubernetes accepts: `,
	);
});
