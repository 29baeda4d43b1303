import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import * as pulumi from "@pulumi/pulumi";
import { platformNamespaces } from "../../src/config/platform-namespaces.ts";
import type { StackConfig } from "../../src/config/schema.ts";
import { installChart } from "./chart.ts";
import { exposeMetrics } from "./metrics.ts";
import { HardenedNamespace } from "./namespace.ts";
import { certManagerPolicies } from "./network-policies.ts";
import type { CertificateWait, Waiting } from "./serving/certificates.ts";

export interface CertManagerArgs {
	stack: StackConfig;
	/** Token with Zone:Read and DNS:Edit on the zone `platform.certManager.domain`. */
	cloudflareApiToken: pulumi.Output<string>;
	/** Whether and how long the issuers are waited for. */
	wait: CertificateWait;
}

/** Names of the issuers, as Certificates and Ingresses refer to them. */
export const issuerNames = {
	production: "letsencrypt-cloudflare",
	staging: "letsencrypt-cloudflare-staging",
} as const;

const tokenSecret = { name: "cloudflare-api-token", key: "api-token" };

/** cert-manager, and the issuers that prove ownership of the domain by a DNS record at Cloudflare. */
export class CertManager extends pulumi.ComponentResource {
	/** Cluster-wide issuers; what asks one for a certificate depends on them. */
	readonly issuers: CustomResource[];

	constructor(
		name: string,
		{ stack, cloudflareApiToken, wait }: CertManagerArgs,
		opts?: pulumi.ComponentResourceOptions,
	) {
		super("rke2-lab:platform:CertManager", name, {}, opts);
		const { certManager } = stack.platform;
		const namespace = new HardenedNamespace(
			platformNamespaces.certManager,
			{ podSecurity: "restricted", clusterVersion: stack.cluster.version, policies: certManagerPolicies(stack) },
			{ parent: this },
		);
		const release = installChart({ chart: "cert-manager", stack, namespace }, { parent: this });
		exposeMetrics("certManager", stack, { parent: this, dependsOn: release });
		const token = createToken(cloudflareApiToken, { parent: this, dependsOn: namespace });
		const { acmeServer, stagingAcmeServer } = certManager;
		const issuing = { parent: this, dependsOn: [release, token] };
		this.issuers = [
			createIssuer(issuerNames.production, acmeServer, certManager, wait.waiting, issuing),
			createIssuer(issuerNames.staging, stagingAcmeServer, certManager, wait.waiting, issuing),
		];
		this.registerOutputs({});
	}
}

/** In cert-manager's own namespace: there a ClusterIssuer looks for its secrets. */
function createToken(token: pulumi.Output<string>, opts: pulumi.CustomResourceOptions): Secret {
	return new Secret(
		tokenSecret.name,
		{
			metadata: { name: tokenSecret.name, namespace: platformNamespaces.certManager },
			stringData: { [tokenSecret.key]: token },
		},
		opts,
	);
}

/** https://cert-manager.io/docs/configuration/acme/dns01/cloudflare/ */
function createIssuer(
	name: string,
	server: string,
	{ email, domain }: StackConfig["platform"]["certManager"],
	{ annotations, opts: waiting }: Waiting,
	opts: pulumi.CustomResourceOptions,
): CustomResource {
	return new CustomResource(
		name,
		{
			apiVersion: "cert-manager.io/v1",
			kind: "ClusterIssuer",
			metadata: { name, annotations },
			spec: {
				acme: {
					server,
					email,
					privateKeySecretRef: { name: `${name}-account` },
					solvers: [
						{
							selector: { dnsZones: [domain] },
							dns01: { cloudflare: { apiTokenSecretRef: tokenSecret } },
						},
					],
				},
			},
		},
		pulumi.mergeOptions(opts, waiting),
	);
}
