import { describe, expect, test } from "vitest";
import type { Registration } from "../../recorder.ts";
import { lab, named, objects, platform, releaseType } from "../platform-lab.ts";

test("cert-manager keeps its definitions, runs two replicas with tokens mounted by the pod, and uses only public resolvers", () => {
	const token = { automountServiceAccountToken: true, serviceAccount: { automountServiceAccountToken: false } };
	const pair = { replicaCount: 2, podDisruptionBudget: { enabled: true }, ...token };
	expect(named(objects, releaseType, "cert-manager").inputs.values).toMatchObject({
		...pair,
		webhook: pair,
		cainjector: pair,
		startupapicheck: token,
		crds: { enabled: true, keep: true },
		dns01RecursiveNameservers: "1.1.1.1:53,8.8.8.8:53",
		dns01RecursiveNameserversOnly: true,
	});
});

test("cert-manager uses the proxy when the stack file has one", async () => {
	const url = "http://10.25.10.9:3128";
	const behind = await platform(({ cluster }) => {
		cluster.proxy = { url, exceptions: [] };
	});
	expect(named(behind, releaseType, "cert-manager").inputs.values).toMatchObject({
		http_proxy: url,
		https_proxy: url,
		no_proxy: expect.stringContaining("10.42.0.0/16,10.43.0.0/16,.svc,.cluster.local"),
	});
	expect(Object.keys(named(objects, releaseType, "cert-manager").inputs.values as object)).not.toContain("http_proxy");
});

describe("certificates", () => {
	test("the Cloudflare token is in one Secret, as a secret, and nowhere else", () => {
		expect(named(objects, "kubernetes:core/v1:Secret", "cloudflare-api-token").inputs).toMatchObject({
			metadata: { name: "cloudflare-api-token", namespace: "cert-manager" },
			stringData: { secret: { "api-token": "hunter2" } },
		});
		const others = lab.filter(({ name }) => name !== "cloudflare-api-token");
		expect(JSON.stringify(others)).not.toContain("hunter2");
	});

	test("the issuer proves the domain by DNS at Cloudflare, and waits for cert-manager and the token", () => {
		const issuer = named(objects, "kubernetes:cert-manager.io/v1:ClusterIssuer", "letsencrypt-cloudflare");
		expect(issuer.inputs.spec).toEqual({
			acme: {
				server: "https://acme-v02.api.letsencrypt.org/directory",
				email: "admin@radioastronomy.io",
				privateKeySecretRef: { name: "letsencrypt-cloudflare-account" },
				solvers: [
					{
						selector: { dnsZones: ["radioastronomy.io"] },
						dns01: { cloudflare: { apiTokenSecretRef: { name: "cloudflare-api-token", key: "api-token" } } },
					},
				],
			},
		});
		expect(issuer.dependsOn).toEqual(expect.arrayContaining(["cert-manager", "cloudflare-api-token"]));
	});

	test("a staging issuer exists as well, and signs the wildcard certificate when the stack file says so", async () => {
		const staging = named(objects, "kubernetes:cert-manager.io/v1:ClusterIssuer", "letsencrypt-cloudflare-staging");
		expect(staging.inputs.spec).toMatchObject({
			acme: {
				server: "https://acme-staging-v02.api.letsencrypt.org/directory",
				privateKeySecretRef: { name: "letsencrypt-cloudflare-staging-account" },
			},
		});
		const changed = await platform((stack) => {
			stack.platform.certManager.issuer = "staging";
		});
		const certificate = named(changed, "kubernetes:cert-manager.io/v1:Certificate", "wildcard-tls");
		expect(certificate.inputs.spec).toMatchObject({ issuerRef: { name: "letsencrypt-cloudflare-staging" } });
		expect(certificate.dependsOn).toContain("letsencrypt-cloudflare-staging");
	});

	test("challenges are looked up at the resolvers of the stack file", async () => {
		const changed = await platform((stack) => {
			stack.platform.certManager.recursiveNameservers = ["9.9.9.9"];
		});
		expect(named(changed, releaseType, "cert-manager").inputs.values).toMatchObject({
			dns01RecursiveNameservers: "9.9.9.9:53",
		});
	});

	test("the wildcard certificate is in the Secret that Traefik reads as its default", () => {
		const certificate = named(objects, "kubernetes:cert-manager.io/v1:Certificate", "wildcard-tls");
		expect(certificate.inputs).toMatchObject({
			metadata: { namespace: "traefik" },
			spec: {
				secretName: "wildcard-tls",
				dnsNames: ["radioastronomy.io", "*.radioastronomy.io"],
				issuerRef: { kind: "ClusterIssuer", name: "letsencrypt-cloudflare" },
				duration: "2160h",
				renewBefore: "360h",
				privateKey: { rotationPolicy: "Always" },
			},
		});
		expect(certificate.dependsOn).toContain("letsencrypt-cloudflare");
	});

	const waitingTypes = ["ClusterIssuer", "Certificate"].map((kind) => `kubernetes:cert-manager.io/v1:${kind}`);
	const annotations = (registrations: Registration[]) =>
		registrations
			.filter(({ type }) => waitingTypes.includes(type))
			.map(({ inputs }) => (inputs.metadata as { annotations?: object }).annotations);

	test("`up` waits until both issuers have an account and the certificate is issued", () => {
		expect(annotations(objects)).toEqual(Array(3).fill({ "pulumi.com/waitFor": "condition=Ready" }));
	});

	test("`up` waits for no certificate when the checks are off", async () => {
		const closed = await platform((stack) => {
			stack.platform.checks.enabled = false;
		});
		expect(annotations(closed)).toEqual([undefined, undefined, undefined]);
	});
});
