/**
 * The section `platform.certManager` of a stack file: the authority that signs certificates, and how the lab proves to it
 * that it owns the domain. The providers are those of cert-manager that need one secret.
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
			role: text.optional().describe("ARN of a role to assume."),
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
					error: "must be an IPv4 address, with a port when it is not 53: 10.25.10.53:5353",
				})
				.describe("Primary server of the zone."),
			tsigKeyName: text,
			tsigAlgorithm: z.enum(["HMACSHA1", "HMACSHA224", "HMACSHA256", "HMACSHA384", "HMACSHA512"]).default("HMACSHA256"),
		})
		.optional()
		.describe(
			`A name server of your own that accepts updates, such as BIND or Knot. ${secret("the TSIG key, in base64")}`,
		),
	acmeDNS: z
		.strictObject({ host: url })
		.optional()
		.describe(`acme-dns. ${secret("the JSON from its registration, by domain")}`),
	webhook: z
		.strictObject({
			groupName: dnsName,
			solverName: text,
			config: z.record(z.string(), z.unknown()).default({}),
		})
		.optional()
		.describe(
			"A solver that you install yourself, for any other provider. The secret `dns01Secret` is optional; the solver finds it in the Secret `dns01-credential`, key `credential`, in the namespace cert-manager.",
		),
};

const dns01 = z
	.strictObject(providers)
	.refine((chosen) => Object.keys(chosen).length === 1, {
		error: `must have exactly one of ${Object.keys(providers).join(", ")}`,
	})
	.prefault({ cloudflare: {} })
	.describe("Provider of the DNS zone. It gets the record that proves to the authority that the domain is yours.");

export const certManager = z
	.strictObject({
		...chart,
		domain: dnsName.describe(
			"Domain of the wildcard certificate, which covers it and `*.` of it. With ACME it is a zone of the provider.",
		),
		ownAuthority: pemCertificates
			.optional()
			.describe(
				"Certificate of an authority of your own. It signs instead of an ACME server, and needs no connection to the outside. Its private key is the secret `ownAuthorityKey`. Every visitor has to trust it.",
			),
		acmeServer: url
			.default("https://acme-v02.api.letsencrypt.org/directory")
			.describe("ACME directory of the production issuer."),
		stagingAcmeServer: url
			.default("https://acme-staging-v02.api.letsencrypt.org/directory")
			.describe(
				"ACME directory of the staging issuer. Browsers do not trust its certificates; its rate limits are high.",
			),
		issuer: z
			.enum(["production", "staging"])
			.default("production")
			.describe("Issuer of the wildcard certificate. Other certificates may use both issuers."),
		dns01,
		recursiveNameservers: z
			.array(address)
			.min(1)
			.default(["1.1.1.1", "8.8.8.8"])
			.describe(
				"Resolvers that decide whether a DNS01 challenge is visible. Use public ones: the lab's own resolvers serve the zone too, but without the challenge.",
			),
		allowTo: destinations.describe(
			"Destinations of cert-manager beside the internet: an ACME server or an acme-dns in a private network whose URL has a host name.",
		),
		email: z
			.email({ error: "must be an e-mail address" })
			.optional()
			.describe("Contact of the ACME account; required without `ownAuthority`."),
	})
	.optional()
	.describe(
		"cert-manager with its issuers. Without the key it is not installed, and Traefik serves a self-signed certificate.",
	);
