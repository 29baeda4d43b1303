import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../../src/config/schema/stack.ts";
import { platformNamespaces } from "../../../src/facts/add-ons.ts";
import type { CertificateWait, Waiting } from "../cert-manager/certificate-wait.ts";
import { wildcardIssuer } from "../cert-manager/issuers.ts";
import { HardenedNamespace } from "../namespaces/hardened-namespace.ts";
import { installChart } from "../releases/install-chart.ts";
import { traefikPolicies } from "./network-policies.ts";
import { middlewares, traefikValues, wildcardSecret } from "./values.ts";

export interface TraefikArgs {
	stack: Pick<StackConfig, "cluster" | "nodes" | "platform">;
	/** One of them issues the wildcard certificate; none without cert-manager. */
	issuers: pulumi.Resource[];
	/** Whether and how long `up` waits for the certificate. */
	wait: CertificateWait;
}

/**
 * The ingress: Traefik on the workers, with a wildcard certificate for the domain if the stack has cert-manager.
 *
 * Another exposure (`platform.traefik.exposure`) changes only the release, in place.
 */
export class Traefik extends pulumi.ComponentResource {
	constructor(name: string, { stack, issuers, wait }: TraefikArgs, opts?: pulumi.ComponentResourceOptions) {
		super("rke2-lab:platform:Traefik", name, {}, opts);
		const { certManager, chartMirror, traefik } = stack.platform;
		const namespace = new HardenedNamespace(
			platformNamespaces.traefik,
			// `baseline` forbids a host port; in every other respect the pod meets `restricted`.
			{ podSecurity: "privileged", clusterVersion: stack.cluster.version, policies: traefikPolicies(stack) },
			{ parent: this },
		);
		const release = installChart(
			{
				addOn: "traefik",
				version: traefik.version,
				values: traefikValues(stack.platform),
				mirror: chartMirror,
				namespace,
			},
			{ parent: this },
		);
		createMiddlewares({ parent: this, dependsOn: release });
		if (certManager) {
			const issued = { parent: this, dependsOn: [namespace, ...issuers] };
			requestCertificate(certManager, wait.waiting, issued);
		}
		this.registerOutputs({});
	}
}

/** https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/crd/http/middleware/ */
function createMiddlewares(opts: pulumi.CustomResourceOptions): void {
	for (const [name, spec] of Object.entries(middlewares)) {
		new CustomResource(
			name,
			{
				apiVersion: "traefik.io/v1alpha1",
				kind: "Middleware",
				metadata: { name, namespace: platformNamespaces.traefik },
				spec,
			},
			opts,
		);
	}
}

/** In Traefik's namespace, because the default certificate must be a Secret there. */
function requestCertificate(
	certManager: NonNullable<StackConfig["platform"]["certManager"]>,
	{ annotations, opts: waiting }: Waiting,
	opts: pulumi.CustomResourceOptions,
): void {
	new CustomResource(
		wildcardSecret,
		{
			apiVersion: "cert-manager.io/v1",
			kind: "Certificate",
			metadata: { name: wildcardSecret, namespace: platformNamespaces.traefik, annotations },
			spec: {
				secretName: wildcardSecret,
				dnsNames: [certManager.domain, `*.${certManager.domain}`],
				issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: wildcardIssuer(certManager) },
				duration: "2160h",
				renewBefore: "360h",
				privateKey: { algorithm: "RSA", size: 2048, rotationPolicy: "Always" },
			},
		},
		pulumi.mergeOptions(opts, waiting),
	);
}
