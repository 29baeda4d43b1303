/** The required secrets depend on the authority that signs certificates, and on a bastion. */
import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { parseSecrets, parseStack } from "../../../../src/config/read/parse.ts";
import { certificate, authority as otherAuthority } from "../../../fixtures/certificates.ts";
import { labStack, labValues } from "../../../fixtures/lab.ts";

const always = { proxmoxApiToken: "a@pve!b=c", clusterToken: "0".repeat(32) };

function missing(change: object): string[] {
	return parseSecrets(always, labStack(change)).problems.map(({ key }) => key);
}

const provider = (dns01: object) => ({ platform: { certManager: { dns01 } } });

const bastion = {
	host: "bastion.lab.internal",
	user: "jump",
	hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKtxq0P0m4jYq0cQ3sGm3m6m2sV1o9p8n7k6j5h4g3f2",
};

describe("parseSecrets with the key of a bastion", () => {
	const stack = labStack({ ssh: { bastion }, platform: { certManager: null } });
	const sentences = (bastionKey: string) =>
		parseSecrets({ ...always, bastionKey }, stack).problems.map(({ key, message }) => `${key}: ${message}`);
	const pem = (label: string, bytes: string) =>
		`-----BEGIN ${label}-----\n${Buffer.from(bytes, "latin1").toString("base64")}\n-----END ${label}-----\n`;

	test("accepts a key without a passphrase, in OpenSSH's form and as PKCS 8", () => {
		const { privateKey } = generateKeyPairSync("ed25519");
		expect(sentences(privateKey.export({ type: "pkcs8", format: "pem" }).toString())).toEqual([]);
		expect(sentences(pem("OPENSSH PRIVATE KEY", "openssh-key-v1\0\0\0\0\x04none and more"))).toEqual([]);
	});

	test.each([
		pem("OPENSSH PRIVATE KEY", "openssh-key-v1\0\0\0\0\x0aaes256-ctr and more"),
		pem("ENCRYPTED PRIVATE KEY", "key"),
		bastion.hostKey,
	])("refuses %j without repeating it", (key) => {
		expect(sentences(key)).toEqual(["bastionKey: must be a private key in OpenSSH or PEM form, without a passphrase."]);
	});
});

describe("neededSecrets returns", () => {
	test.each<[string[], object]>([
		[["cloudflareApiToken"], {}],
		[["dns01Secret"], provider({ digitalocean: {} })],
		[[], provider({ webhook: { groupName: "acme.lab.internal", solverName: "lab" } })],
		[["ownAuthorityKey"], { platform: { certManager: { ownAuthority: otherAuthority, email: null } } }],
		[[], { platform: { certManager: null } }],
		[["bastionKey"], { ssh: { bastion }, platform: { certManager: null } }],
	])("%j for %j", (keys, change) => {
		expect(missing(change)).toEqual(keys);
	});
});

describe("parseSecrets with the key of an own authority", () => {
	const stack = labStack({ platform: { certManager: { ownAuthority: otherAuthority, email: null } } });
	const sentences = (ownAuthorityKey: string) =>
		parseSecrets({ ...always, ownAuthorityKey }, stack).problems.map(({ key, message }) => `${key}: ${message}`);

	test("refuses the key of another authority without repeating it", () => {
		const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
		const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
		expect(sentences(pem)).toEqual([
			"ownAuthorityKey: must be the private key of the first certificate in platform.certManager.ownAuthority, but belongs to another one.",
		]);
	});

	test("refuses an unreadable key", () => {
		expect(sentences("-----BEGIN PRIVATE KEY-----\nbm9uZQ==\n-----END PRIVATE KEY-----\n")).toEqual([
			"ownAuthorityKey: must be a valid private key in PEM form, without a passphrase.",
		]);
		expect(sentences("/root/authority.key")).toEqual([
			"ownAuthorityKey: must be a private key in PEM form, without a passphrase.",
		]);
	});
});

test("parseStack refuses an own authority whose certificate may not sign", async () => {
	const [notBefore, notAfter] = [new Date(Date.now() - 1000), new Date(Date.now() + 1e10)];
	const ownAuthority = await certificate({ name: "server", notBefore, notAfter, ca: false });
	const { problems } = parseStack(labValues({ platform: { certManager: { ownAuthority } } }));
	expect(problems).toEqual([
		{
			key: "platform.certManager.ownAuthority",
			message:
				"begins with the certificate of CN=server, which may not sign other certificates; the first one must be that of the authority (basicConstraints CA:TRUE).",
		},
	]);
});
