import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import {
	adminKubeconfig,
	certificateWarning,
	kubeconfigEnd,
	kubeconfigRenewal,
} from "../../../../src/rke2/kubeconfig.ts";
import { certificate } from "../../../fixtures/certificates.ts";

const onServer = `apiVersion: v1
kind: Config
clusters:
- cluster: {certificate-authority-data: Y2E=, server: "https://127.0.0.1:6443"}
  name: default
contexts:
- context: {cluster: default, user: default}
  name: default
current-context: default
users:
- name: default
  user: {client-certificate-data: Y2VydA==, client-key-data: a2V5}
`;

test("the kubeconfig has the virtual address, the cluster's name and the credentials", () => {
	expect(parse(adminKubeconfig(onServer, { name: "astronomy-lab", server: "https://10.25.20.29:6443" }))).toEqual({
		apiVersion: "v1",
		kind: "Config",
		clusters: [
			{
				name: "astronomy-lab",
				cluster: { "certificate-authority-data": "Y2E=", server: "https://10.25.20.29:6443" },
			},
		],
		users: [
			{
				name: "astronomy-lab-admin",
				user: { "client-certificate-data": "Y2VydA==", "client-key-data": "a2V5" },
			},
		],
		contexts: [{ name: "astronomy-lab", context: { cluster: "astronomy-lab", user: "astronomy-lab-admin" } }],
		"current-context": "astronomy-lab",
	});
});

/** rke2.yaml of a server whose certificate ends at that time. */
async function endingAt(notAfter: Date): Promise<string> {
	const pem = await certificate({ name: "system:admin", notBefore: new Date(0), notAfter, ca: false });
	return onServer.replace("Y2VydA==", Buffer.from(pem).toString("base64"));
}

test("the kubeconfig is that of the server whose certificate is valid longest", async () => {
	const texts = await Promise.all(["2027-01-01", "2028-01-01", "2026-06-01"].map((day) => endingAt(new Date(day))));
	const chosen = adminKubeconfig(`---\n${texts.join("---\n")}`, { name: "lab", server: "https://10.25.20.29:6443" });
	expect(kubeconfigEnd(chosen)).toEqual(new Date("2028-01-01"));
});

test("a kubeconfig without a certificate has no end", () => {
	expect(kubeconfigEnd(onServer)).toBeUndefined();
});

describe("the kubeconfig is to be read again", () => {
	const end = new Date("2027-12-31T00:00:00Z");
	const renewalAt = (days: number) => kubeconfigRenewal(end, new Date(end.getTime() - days * 86_400_000));

	test("on no day with more than 60 days left", () => {
		expect([365, 120, 60.1].map(renewalAt)).toEqual([undefined, undefined, undefined]);
	});

	test("once in each step", () => {
		expect(renewalAt(60)).toBe("2027-12-31T00:00:00.000Z,60");
		expect(new Set(Array.from({ length: 600 }, (_, tenth) => renewalAt(60 - tenth / 10))).size).toBe(8);
	});

	test("at each run after the end", () => {
		expect(renewalAt(-1)).toBe("expired,2028-01-01T00:00:00.000Z");
		expect(renewalAt(-1.1)).not.toBe(renewalAt(-1));
	});
});

test("certificates that end soon although the kubeconfig was read again are named", () => {
	const end = new Date("2027-12-31T00:00:00Z");
	expect(certificateWarning(end, new Date("2027-11-16T00:00:00Z"))).toBe(
		"RKE2's certificates on the control planes end by 2027-12-31, and RKE2 renews them only when it restarts: docs/operations/certificates.md.",
	);
	expect(certificateWarning(end, new Date("2027-11-15T00:00:00Z"))).toBeUndefined();
});
