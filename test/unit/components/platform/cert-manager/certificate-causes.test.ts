import { describe, expect, test } from "vitest";
import {
	type CertificateObject,
	explainCertificate,
	explainIssuer,
	type Issuance,
} from "../../../../../components/platform/cert-manager/certificate-causes.ts";
import {
	refusalOfAccount,
	refusalOfPair,
	refusalOfToken,
} from "../../../../../rehearsal/doubles/rke2/program/pods/acme.ts";

const ready = (status: string, more: object = {}) => ({ conditions: [{ type: "Ready", status, ...more }] });

describe("an issuer", () => {
	const issuer = (status: CertificateObject["status"]) => ({
		metadata: { name: "letsencrypt" },
		...(status && { status }),
	});

	test("that is ready needs no explanation", () => {
		expect(explainIssuer(issuer(ready("True")))).toBeUndefined();
	});

	test.each([
		[refusalOfAccount("admin@example.com"), "platform.certManager.email"],
		['Get "https://acme.lab/directory": dial tcp: lookup acme.lab: no such host', "platform.checks.enabled to false"],
		["429 urn:ietf:params:acme:error:rateLimited: too many registrations", "platform.certManager.issuer to staging"],
	])("%s", (message, cause) => {
		expect(explainIssuer(issuer(ready("False", { message })))).toMatch(
			new RegExp(
				`^The issuer letsencrypt has no account at its certificate authority: .*${cause.replaceAll(".", "\\.")}`,
			),
		);
	});

	test("of the administrator's own authority is explained when it cannot sign", () => {
		const status = ready("False", { message: refusalOfPair(undefined) });
		expect(explainIssuer({ metadata: { name: "own-authority" }, spec: { ca: {} }, status })).toBe(
			"The issuer own-authority cannot sign: Error getting keypair for CA issuer: secret not found. Compare platform.certManager.ownAuthority with the secret ownAuthorityKey.",
		);
	});

	test("is explained when cert-manager has not processed it", () => {
		expect(explainIssuer(issuer(undefined))).toContain("cert-manager has not processed it");
	});
});

describe("a certificate", () => {
	const object = (uid: string, owner: string, more: object): CertificateObject => ({
		metadata: { name: uid, uid, ownerReferences: [{ uid: owner }] },
		...more,
	});
	const issuance = (more: Partial<Issuance> = {}): Issuance => ({
		certificate: object("wildcard", "", { status: ready("False") }),
		requests: [object("request", "wildcard", { status: ready("False", { reason: "Pending" }) })],
		orders: [object("order", "request", { status: { state: "pending" } })],
		challenges: [],
		...more,
	});
	const challenge = (reason: string | undefined, owner = "order") =>
		object("challenge", owner, { spec: { dnsName: "lab.io" }, status: { state: "pending", reason } });

	test("that is issued needs no explanation", () => {
		expect(
			explainCertificate(issuance({ certificate: object("wildcard", "", { status: ready("True") }) })),
		).toBeUndefined();
	});

	test.each([
		[refusalOfToken("hunter2", "lab.io"), "set another cloudflareApiToken"],
		[
			"Found no Zones for domain _acme-challenge.lab.io. (neither in the sub-domain",
			"compare platform.certManager.domain",
		],
		['DNS record for "lab.io" not yet propagated', "platform.certManager.recursiveNameservers"],
		['Get "https://api.cloudflare.com": dial tcp 1.2.3.4:443: i/o timeout', "cluster.proxy"],
	])("says what its challenge says, on one line, and the likely cause: %s", (reason, cause) => {
		const why = explainCertificate(issuance({ challenges: [challenge(reason)] }));
		expect(why).toMatch(/^The certificate wildcard was not issued: the challenge for lab\.io says: [^\n]*$/);
		expect(why).toContain(cause);
	});

	test("does not mention another certificate's challenge", () => {
		const why = explainCertificate(issuance({ challenges: [challenge("Found no Zones", "other")] }));
		expect(why).toContain("the certificate is still being issued");
	});

	test("has the reason of its order or request when no challenge has one", () => {
		const failed = { reason: "Failed", message: "the CSR is refused" };
		expect(
			explainCertificate(issuance({ requests: [object("request", "wildcard", { status: ready("False", failed) })] })),
		).toContain("not issued: the CSR is refused.");
		const order = object("order", "request", { status: { state: "errored", reason: "429 rateLimited" } });
		expect(explainCertificate(issuance({ orders: [order] }))).toContain("issuer to staging");
	});

	test("a very long reason is cut", () => {
		expect(explainCertificate(issuance({ challenges: [challenge("x".repeat(5000))] }))?.length).toBeLessThan(600);
	});
});
