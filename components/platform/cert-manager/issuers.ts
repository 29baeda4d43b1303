import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import * as pulumi from "@pulumi/pulumi";
import { dns01Provider } from "../../../src/config/derived/issuing.ts";
import type { StackConfig } from "../../../src/config/schema/stack.ts";
import { platformNamespaces } from "../../../src/facts/add-ons.ts";
import type { CertificateWait } from "./certificate-wait.ts";
import { type IssuerSecrets, type SecretReference, solverOf } from "./dns01.ts";

type CertManagerConfig = NonNullable<StackConfig["platform"]["certManager"]>;

export interface IssuersArgs {
	certManager: CertManagerConfig;
	secrets: IssuerSecrets;
	/** Whether and how long `up` waits for the issuers. */
	wait: CertificateWait;
	/** cert-manager's namespace, in which a ClusterIssuer reads its secrets. */
	namespace: pulumi.Resource;
	release: pulumi.Resource;
}

const ownAuthority = "own-authority";

/** Names of the ACME issuers, by which Certificates and Ingresses refer to them. */
function acmeIssuers(certManager: CertManagerConfig) {
	const provider = dns01Provider(certManager);
	// Ingresses of running clusters refer to this name.
	const name = provider === "cloudflare" ? "letsencrypt-cloudflare" : `acme-${provider.toLowerCase()}`;
	return { production: name, staging: `${name}-staging` };
}

/** Name of the issuer that signs the wildcard certificate. */
export function wildcardIssuer(certManager: CertManagerConfig): string {
	return certManager.ownAuthority === undefined ? acmeIssuers(certManager)[certManager.issuer] : ownAuthority;
}

/** Cluster-wide issuers. A Certificate that refers to one depends on them. */
export function createIssuers(args: IssuersArgs, parent: pulumi.Resource): CustomResource[] {
	return args.certManager.ownAuthority === undefined
		? createAcmeIssuers(args, parent)
		: [createOwnIssuer(args, args.certManager.ownAuthority, parent)];
}

/** https://cert-manager.io/docs/configuration/ca/ */
function createOwnIssuer(
	{ secrets, wait, namespace, release }: IssuersArgs,
	certificate: string,
	parent: pulumi.Resource,
): CustomResource {
	const pair = createSecret(
		ownAuthority,
		"kubernetes.io/tls",
		{ "tls.crt": certificate, "tls.key": secrets.ownAuthorityKey! },
		{ parent, dependsOn: namespace },
	);
	return createIssuer(ownAuthority, { ca: { secretName: ownAuthority } }, wait, { parent, dependsOn: [release, pair] });
}

function createAcmeIssuers(args: IssuersArgs, parent: pulumi.Resource): CustomResource[] {
	const { certManager, secrets, wait, namespace, release } = args;
	const { dns01, credential } = solverOf(certManager, secrets);
	const token = credential ? [createCredential(credential, { parent, dependsOn: namespace })] : [];
	const servers = { production: certManager.acmeServer, staging: certManager.stagingAcmeServer };
	return Object.entries(acmeIssuers(certManager)).map(([which, name]) =>
		createIssuer(
			name,
			{
				acme: {
					server: servers[which as keyof typeof servers],
					email: certManager.email,
					privateKeySecretRef: { name: `${name}-account` },
					solvers: [{ selector: { dnsZones: [certManager.domain] }, dns01 }],
				},
			},
			wait,
			{ parent, dependsOn: [release, ...token] },
		),
	);
}

function createCredential(
	{ reference: { name, key }, value }: { reference: SecretReference; value: pulumi.Output<string> },
	opts: pulumi.CustomResourceOptions,
): Secret {
	return createSecret(name, undefined, { [key]: value }, opts);
}

function createSecret(
	name: string,
	type: string | undefined,
	stringData: Record<string, pulumi.Input<string>>,
	opts: pulumi.CustomResourceOptions,
): Secret {
	return new Secret(
		name,
		{ metadata: { name, namespace: platformNamespaces.certManager }, ...(type && { type }), stringData },
		opts,
	);
}

function createIssuer(
	name: string,
	spec: object,
	{ waiting: { annotations, opts: waiting } }: CertificateWait,
	opts: pulumi.CustomResourceOptions,
): CustomResource {
	return new CustomResource(
		name,
		{ apiVersion: "cert-manager.io/v1", kind: "ClusterIssuer", metadata: { name, annotations }, spec },
		pulumi.mergeOptions(opts, waiting),
	);
}
