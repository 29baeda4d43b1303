/**
 * What a stack file may say under `platform.certManager`: who signs certificates, and how it learns that the domain is
 * this lab's. The providers are those of cert-manager that need one secret.
 * https://cert-manager.io/docs/configuration/acme/dns01/#supported-dns01-providers
 */
import { z } from "zod";
import { isAddressWithPort } from "../formats/hosts.ts";
import { chart } from "./chart.ts";
import { destinations } from "./destinations.ts";
import { address, dnsName, pemCertificates, url } from "./formats.ts";

const text = z.string().min(1);
const secret = (what: string) => `The secret \`dns01Secret\` is ${what}.`;

const providers = {
	cloudflare: z.strictObject({}).optional().describe("The secret `cloudflareApiToken` is its token."),
	route53: z
		.strictObject({
			region: text,
			accessKeyID: text,
			hostedZoneID: text.optional(),
			role: text.optional().describe("ARN of a role to take."),
		})
		.optional()
		.describe(`Amazon. ${secret("the secret access key")}`),
	azureDNS: z
		.strictObject({
			subscriptionID: text,
			resourceGroupName: text,
			tenantID: text,
			clientID: text,
			hostedZoneName: text.optional(),
			environment: z
				.enum(["AzurePublicCloud", "AzureChinaCloud", "AzureGermanCloud", "AzureUSGovernmentCloud"])
				.default("AzurePublicCloud"),
		})
		.optional()
		.describe(`Azure, by a service principal. ${secret("its client secret")}`),
	cloudDNS: z
		.strictObject({ project: text, hostedZoneName: text.optional() })
		.optional()
		.describe(`Google. ${secret("the key of the service account, as JSON")}`),
	digitalocean: z.strictObject({}).optional().describe(secret("its token")),
	rfc2136: z
		.strictObject({
			nameserver: z
				.string()
				.refine(isAddressWithPort, {
					error: "must be an IPv4 address, with a port where it is not 53: 10.25.10.53:5353",
				})
				.describe("Primary server of the zone."),
			tsigKeyName: text,
			tsigAlgorithm: z.enum(["HMACSHA1", "HMACSHA224", "HMACSHA256", "HMACSHA384", "HMACSHA512"]).default("HMACSHA256"),
		})
		.optional()
		.describe(
			`A name server of your own that takes updates, such as BIND or Knot. ${secret("the TSIG key, in base64")}`,
		),
	acmeDNS: z
		.strictObject({ host: url })
		.optional()
		.describe(`acme-dns. ${secret("the JSON that its registration gave out, by domain")}`),
	webhook: z
		.strictObject({
			groupName: dnsName,
			solverName: text,
			config: z.record(z.string(), z.unknown()).default({}),
		})
		.optional()
		.describe(
			"A solver that you install yourself, for any other provider. `dns01Secret`, where it is set, is in the Secret `dns01-credential` under the key `credential`, in the namespace cert-manager.",
		),
};

const dns01 = z
	.strictObject(providers)
	.refine((chosen) => Object.keys(chosen).length === 1, {
		error: `must have exactly one of ${Object.keys(providers).join(", ")}`,
	})
	.prefault({ cloudflare: {} })
	.describe("Who serves the zone, and so takes the record that proves to the authority that the domain is yours.");

export const certManager = z
	.strictObject({
		...chart,
		domain: dnsName.describe("The wildcard certificate covers it and `*.` of it; with ACME a zone of the provider."),
		ownAuthority: pemCertificates
			.optional()
			.describe(
				"Certificate of an authority of your own, which then signs in place of one that is asked by ACME; its private key is the secret `ownAuthorityKey`. Nobody outside the cluster is asked. Every visitor has to trust it.",
			),
		acmeServer: url
			.default("https://acme-v02.api.letsencrypt.org/directory")
			.describe("ACME directory of the production issuer."),
		stagingAcmeServer: url
			.default("https://acme-staging-v02.api.letsencrypt.org/directory")
			.describe(
				"ACME directory of the staging issuer: nobody trusts its certificates, and it limits no one's attempts.",
			),
		issuer: z
			.enum(["production", "staging"])
			.default("production")
			.describe("Which of the two issuers signs the wildcard certificate; both are there for other certificates."),
		dns01,
		recursiveNameservers: z
			.array(address)
			.min(1)
			.default(["1.1.1.1", "8.8.8.8"])
			.describe(
				"Resolvers that decide whether a DNS01 challenge is visible. Public ones: the lab's own answer for the zone as well and do not know the challenge.",
			),
		allowTo: destinations.describe(
			"What cert-manager may reach beside the internet: an ACME server, or an acme-dns, in a private network, which its URL names by a host.",
		),
		email: z
			.email({ error: "must be an e-mail address" })
			.optional()
			.describe("Contact of the ACME account; needed without `ownAuthority`."),
	})
	.optional()
	.describe(
		"cert-manager with its issuers; without the key there is none, and Traefik serves a certificate that it makes itself.",
	);
