/** What the double for cert-manager says of an authority of one's own, as cert-manager's own set-up does. */
import { expect, test } from "vitest";
import { createAuthority, issueKeyPair } from "../../../../../rehearsal/doubles/rke2/program/pki/x509.ts";
import { refusalOfPair } from "../../../../../rehearsal/doubles/rke2/program/pods/acme.ts";

test("a CA issuer is refused when it has a server certificate, no key or no Secret", async () => {
	const authority = await createAuthority("lab");
	expect(refusalOfPair(authority)).toBeUndefined();
	const server = await issueKeyPair(authority, { commonName: "web", sans: ["web.home.arpa"], usage: "server" });
	const refused = "Error getting keypair for CA issuer: ";
	expect(refusalOfPair(server)).toBe(`${refused}certificate is not a CA`);
	expect(refusalOfPair({ ...authority, privateKey: "none" })).toContain(refused);
	expect(refusalOfPair(undefined)).toBe(`${refused}secret not found`);
});
