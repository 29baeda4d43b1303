/** The required secrets depend on the authority that signs certificates. */
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

describe("neededSecrets returns", () => {
	test.each<[string[], object]>([
		[["cloudflareApiToken"], {}],
		[["dns01Secret"], provider({ digitalocean: {} })],
		[[], provider({ webhook: { groupName: "acme.lab.internal", solverName: "lab" } })],
		[["ownAuthorityKey"], { platform: { certManager: { ownAuthority: otherAuthority, email: null } } }],
		[[], { platform: { certManager: null } }],
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
