/** Who signs certificates, and what of the platform a stack may do without. */
import { expect, test } from "vitest";
import type { Dns01 } from "../../../../../src/config/derived/issuing.ts";
import { authority } from "../../../../fixtures/certificates.ts";
import { labStack } from "../../../../fixtures/lab.ts";
import type { Registration } from "../../recorder.ts";
import { named, platform, platformOf, releaseType } from "../platform-lab.ts";

const issuerType = "kubernetes:cert-manager.io/v1:ClusterIssuer";
const certificateType = "kubernetes:cert-manager.io/v1:Certificate";
const secretType = "kubernetes:core/v1:Secret";

const ofType = (registrations: Registration[], type: string) => registrations.filter((one) => one.type === type);
const names = (registrations: Registration[], type: string) => ofType(registrations, type).map(({ name }) => name);

test("the administrator's own authority signs, waits for its Secret, and calls no host", async () => {
	const own = await platform(({ platform: { certManager } }) => {
		certManager.ownAuthority = authority;
		certManager.email = undefined;
	});
	expect(names(own, issuerType)).toEqual(["own-authority"]);
	const issuer = named(own, issuerType, "own-authority");
	expect(issuer.inputs).toMatchObject({
		metadata: { annotations: { "pulumi.com/waitFor": "condition=Ready" } },
		spec: { ca: { secretName: "own-authority" } },
	});
	expect(issuer.dependsOn).toEqual(expect.arrayContaining(["cert-manager", "own-authority"]));
	expect(named(own, secretType, "own-authority").inputs).toMatchObject({
		metadata: { name: "own-authority", namespace: "cert-manager" },
		type: "kubernetes.io/tls",
		stringData: { secret: { "tls.crt": authority, "tls.key": "hunter4" } },
	});
	expect(JSON.stringify(own.filter(({ name }) => name !== "own-authority"))).not.toContain("hunter4");
	expect(names(own, secretType)).not.toContain("cloudflare-api-token");
	expect(named(own, certificateType, "wildcard-tls").inputs.spec).toMatchObject({
		issuerRef: { kind: "ClusterIssuer", name: "own-authority" },
		dnsNames: ["radioastronomy.io", "*.radioastronomy.io"],
	});
});

const credential = { name: "dns01-credential", key: "credential" };

test.each<[dns01: Dns01, issuer: string, solver: object]>([
	[
		{ route53: { region: "eu-north-1", accessKeyID: "AKIA", hostedZoneID: "Z1" } },
		"acme-route53",
		{ region: "eu-north-1", accessKeyID: "AKIA", hostedZoneID: "Z1", secretAccessKeySecretRef: credential },
	],
	[
		{
			azureDNS: {
				subscriptionID: "s",
				resourceGroupName: "dns",
				tenantID: "t",
				clientID: "c",
				environment: "AzurePublicCloud",
			},
		},
		"acme-azuredns",
		{
			subscriptionID: "s",
			resourceGroupName: "dns",
			tenantID: "t",
			clientID: "c",
			environment: "AzurePublicCloud",
			clientSecretSecretRef: credential,
		},
	],
	[{ cloudDNS: { project: "lab" } }, "acme-clouddns", { project: "lab", serviceAccountSecretRef: credential }],
	[{ digitalocean: {} }, "acme-digitalocean", { tokenSecretRef: credential }],
	[
		{ rfc2136: { nameserver: "192.168.0.53:5353", tsigKeyName: "lab", tsigAlgorithm: "HMACSHA512" } },
		"acme-rfc2136",
		{
			nameserver: "192.168.0.53:5353",
			tsigKeyName: "lab",
			tsigAlgorithm: "HMACSHA512",
			tsigSecretSecretRef: credential,
		},
	],
	[
		{ acmeDNS: { host: "https://auth.home-lab.net" } },
		"acme-acmedns",
		{ host: "https://auth.home-lab.net", accountSecretRef: credential },
	],
	[
		{ webhook: { groupName: "acme.home-lab.net", solverName: "hetzner", config: { zone: "home-lab.net" } } },
		"acme-webhook",
		{ groupName: "acme.home-lab.net", solverName: "hetzner", config: { zone: "home-lab.net" } },
	],
])("the record of a challenge is left with %j, whose secret reaches one Secret", async (dns01, issuer, solver) => {
	const registrations = await platform(({ platform: { certManager } }) => {
		certManager.dns01 = dns01;
	});
	expect(names(registrations, issuerType)).toEqual([issuer, `${issuer}-staging`]);
	const [provider] = Object.keys(dns01);
	expect(named(registrations, issuerType, issuer).inputs.spec).toMatchObject({
		acme: {
			privateKeySecretRef: { name: `${issuer}-account` },
			solvers: [{ selector: { dnsZones: ["radioastronomy.io"] }, dns01: { [provider!]: solver } }],
		},
	});
	expect(named(registrations, secretType, "dns01-credential").inputs).toMatchObject({
		metadata: { namespace: "cert-manager" },
		stringData: { secret: { credential: "hunter3" } },
	});
	expect(JSON.stringify(registrations.filter(({ name }) => name !== "dns01-credential"))).not.toContain("hunter3");
	expect(JSON.stringify(registrations)).not.toContain("hunter2");
	expect(named(registrations, certificateType, "wildcard-tls").inputs.spec).toMatchObject({
		issuerRef: { name: issuer },
	});
});

test("the platform has no certificate, and Traefik no reference to one, when the stack has no cert-manager", async () => {
	const bare = await platformOf(labStack({ platform: { certManager: null } }));
	expect([...names(bare, issuerType), ...names(bare, certificateType), ...names(bare, secretType)]).toEqual([]);
	expect(names(bare, releaseType)).not.toContain("cert-manager");
	expect(named(bare, releaseType, "traefik").inputs.values).not.toHaveProperty("tlsStore");
	expect(names(bare, "kubernetes:core/v1:Namespace")).not.toContain("cert-manager");
});

test("the platform has no object of MetalLB and the GPU Operator when the stack file has no such key", async () => {
	const gpus = Object.fromEntries(["proj-k8sw04", "proj-k8sw05"].map((name) => [name, { gpu: null, taints: [] }]));
	const bare = await platformOf(labStack({ nodes: gpus, platform: { metallb: null, gpuOperator: null } }));
	expect(names(bare, releaseType)).toEqual(expect.arrayContaining(["cert-manager", "traefik"]));
	expect(JSON.stringify(bare)).not.toMatch(/metallb|gpu-operator/);
});
