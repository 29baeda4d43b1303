/** The solver of cert-manager that creates the record of a challenge at the DNS provider of the zone. */
import type { Output } from "@pulumi/pulumi";
import { type Dns01, type Dns01Provider, dns01Provider } from "../../../src/config/derived/issuing.ts";
import type { StackConfig } from "../../../src/config/schema/stack.ts";

export interface IssuerSecrets {
	cloudflareApiToken?: Output<string>;
	dns01Secret?: Output<string>;
	ownAuthorityKey?: Output<string>;
}

/** A Secret in cert-manager's namespace, and a key in it. */
export interface SecretReference {
	name: string;
	key: string;
}

export interface Solver {
	/** Settings of the provider in `platform.certManager.dns01`. */
	dns01: Record<string, unknown>;
	/** The secret that the settings refer to, with its value; none if the stack has no such secret. */
	credential: { reference: SecretReference; value: Output<string> } | undefined;
}

const cloudflareToken: SecretReference = { name: "cloudflare-api-token", key: "api-token" };
const otherCredential: SecretReference = { name: "dns01-credential", key: "credential" };

/** Fields of https://cert-manager.io/docs/reference/api-docs/#acme.cert-manager.io/v1.ACMEChallengeSolverDNS01 */
const secretFields: Readonly<Record<Exclude<Dns01Provider, "webhook">, string>> = {
	cloudflare: "apiTokenSecretRef",
	route53: "secretAccessKeySecretRef",
	azureDNS: "clientSecretSecretRef",
	cloudDNS: "serviceAccountSecretRef",
	digitalocean: "tokenSecretRef",
	rfc2136: "tsigSecretSecretRef",
	acmeDNS: "accountSecretRef",
};

export function solverOf(
	certManager: NonNullable<StackConfig["platform"]["certManager"]>,
	{ cloudflareApiToken, dns01Secret }: IssuerSecrets,
): Solver {
	const provider = dns01Provider(certManager);
	const settings = certManager.dns01[provider as keyof Dns01] ?? {};
	const [reference, value] =
		provider === "cloudflare" ? [cloudflareToken, cloudflareApiToken] : [otherCredential, dns01Secret];
	return {
		dns01: {
			[provider]: provider === "webhook" ? settings : { ...settings, [secretFields[provider]]: reference },
		},
		credential: value && { reference, value },
	};
}
