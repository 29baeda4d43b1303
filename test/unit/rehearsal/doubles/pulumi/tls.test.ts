import { createHash, createPrivateKey, createPublicKey } from "node:crypto";
import ssh2, { type ParsedKey } from "ssh2";
import { expect, test } from "vitest";
import { plain, secret, unknownValue } from "../../../../../rehearsal/doubles/pulumi/provider/values.ts";
import { newEd25519KeyPair } from "../../../../../rehearsal/doubles/pulumi/tls/ed25519.ts";
import { Plugin } from "./plugin.ts";

const type = "tls:index/privateKey:PrivateKey";
const inputs = { algorithm: "ED25519" };
const defaults = { ecdsaCurve: "P224", rsaBits: 2048 };

test("the tls double makes one key in all forms, with secret private forms", async () => {
	const plugin = await Plugin.start("tls");
	const { id, outputs } = await plugin.create(type, inputs);
	const key = plain(outputs) as Record<string, string>;
	const secrets = ["privateKeyOpenssh", "privateKeyPem", "privateKeyPemPkcs8"];
	expect(outputs).toEqual({ ...key, ...Object.fromEntries(secrets.map((name) => [name, secret(key[name]!)])) });
	expect(outputs).toMatchObject({ ...inputs, ...defaults });

	const openssh = ssh2.utils.parseKey(key.privateKeyOpenssh!) as ParsedKey;
	const pem = createPublicKey(createPrivateKey(key.privateKeyPem!)).export({ type: "spki", format: "pem" });
	expect(pem).toBe(key.publicKeyPem);
	expect(createPublicKey(openssh.getPublicPEM()).export({ type: "spki", format: "pem" })).toBe(pem);
	expect(key.privateKeyPem).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
	expect(key.privateKeyPemPkcs8).toBe(key.privateKeyPem);
	const encoded = openssh.getPublicSSH().toString("base64");
	expect(key.publicKeyOpenssh).toBe(`ssh-ed25519 ${encoded}\n`);
	const sha256 = createHash("sha256").update(openssh.getPublicSSH()).digest("base64").replace("=", "");
	expect(key.publicKeyFingerprintSha256).toBe(`SHA256:${sha256}`);
	expect(key.publicKeyFingerprintMd5).toMatch(/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/);
	expect(id).toMatch(/^[0-9a-f]{40}$/);
	expect((await plugin.create(type, inputs)).id).not.toBe(id);
});

test("the tls double has unknown outputs of the key in a preview", async () => {
	const plugin = await Plugin.start("tls");
	const { outputs } = await plugin.create(type, inputs, { preview: true });
	expect(outputs).toEqual({
		...inputs,
		...defaults,
		privateKeyOpenssh: secret(unknownValue),
		privateKeyPem: secret(unknownValue),
		privateKeyPemPkcs8: secret(unknownValue),
		publicKeyFingerprintMd5: unknownValue,
		publicKeyFingerprintSha256: unknownValue,
		publicKeyOpenssh: unknownValue,
		publicKeyPem: unknownValue,
	});
});

test("the tls double accepts only Ed25519, and replaces a key when the algorithm changes", async () => {
	const plugin = await Plugin.start("tls");
	expect(await plugin.check(type, inputs)).toEqual({ inputs, problems: [] });
	expect((await plugin.check(type, { algorithm: unknownValue })).problems).toEqual([]);
	expect((await plugin.check(type, { algorithm: "RSA", rsaBits: 4096 })).problems.sort()).toEqual([
		"the double does not support the input rsaBits",
		"the input algorithm must be ED25519, the only algorithm of the double",
	]);
	expect(await plugin.diff(type, { algorithm: "RSA" }, inputs)).toEqual({
		changes: true,
		replaces: ["algorithm"],
		diffs: ["algorithm"],
		details: { algorithm: "UPDATE_REPLACE" },
	});
	await plugin.delete(type, inputs);
});

// The chance that 2000 keys of ssh2's own are all well formed is 1 in 2500 (ssh2#1390).
test("every new key pair is well formed", () => {
	for (let count = 0; count < 2000; count++) {
		const pair = newEd25519KeyPair();
		expect(ssh2.utils.parseKey(pair.public)).not.toBeInstanceOf(Error);
		expect(ssh2.utils.parseKey(pair.private)).not.toBeInstanceOf(Error);
	}
});
