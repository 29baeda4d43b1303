import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../src/config/schema.ts";
import { issuerName } from "./cert-manager.ts";
import { installChart } from "./chart.ts";
import { HardenedNamespace } from "./namespace.ts";
import { traefikPolicies } from "./network-policies.ts";
import { traefikNamespace, traefikValues, wildcardSecret } from "./values/traefik.ts";

export interface TraefikArgs {
	stack: StackConfig;
	/** Issues the wildcard certificate. */
	issuer: pulumi.Resource;
}

/** The way in: Traefik on ports 80 and 443 of the workers, with a wildcard certificate for everything in the domain. */
export class Traefik extends pulumi.ComponentResource {
	constructor(name: string, { stack, issuer }: TraefikArgs, opts?: pulumi.ComponentResourceOptions) {
		super("rke2-lab:platform:Traefik", name, {}, opts);
		const { traefik, certManager, chartMirror } = stack.platform;
		const namespace = new HardenedNamespace(
			traefikNamespace,
			// A host port is more than `baseline` allows; in all else the pod would pass `restricted`.
			{ podSecurity: "privileged", clusterVersion: stack.cluster.version, policies: traefikPolicies(stack) },
			{ parent: this },
		);
		installChart(
			{
				chart: "traefik",
				version: traefik.version,
				namespace: traefikNamespace,
				values: traefikValues(),
				mirror: chartMirror,
			},
			{ parent: this, dependsOn: namespace },
		);
		requestCertificate(certManager.domain, { parent: this, dependsOn: [namespace, issuer] });
		this.registerOutputs({});
	}
}

/** In Traefik's namespace, because the default certificate must be a Secret there. */
function requestCertificate(domain: string, opts: pulumi.CustomResourceOptions): void {
	new CustomResource(
		wildcardSecret,
		{
			apiVersion: "cert-manager.io/v1",
			kind: "Certificate",
			metadata: { name: wildcardSecret, namespace: traefikNamespace },
			spec: {
				secretName: wildcardSecret,
				dnsNames: [domain, `*.${domain}`],
				issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: issuerName },
				duration: "2160h",
				renewBefore: "360h",
				privateKey: { algorithm: "RSA", size: 2048, rotationPolicy: "Always" },
			},
		},
		opts,
	);
}
