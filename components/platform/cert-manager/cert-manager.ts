import type { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../../src/config/schema/stack.ts";
import { platformNamespaces } from "../../../src/facts/add-ons.ts";
import { HardenedNamespace } from "../namespaces/hardened-namespace.ts";
import { exposeMetrics } from "../releases/expose-metrics.ts";
import { installChart } from "../releases/install-chart.ts";
import type { CertificateWait } from "./certificate-wait.ts";
import type { IssuerSecrets } from "./dns01.ts";
import { createIssuers } from "./issuers.ts";
import { certManagerPolicies } from "./network-policies.ts";
import { certManagerValues } from "./values.ts";

export interface CertManagerArgs {
	stack: StackConfig;
	certManager: NonNullable<StackConfig["platform"]["certManager"]>;
	secrets: IssuerSecrets;
	/** Whether and how long `up` waits for the issuers. */
	wait: CertificateWait;
}

/** cert-manager, and the issuers of the stack file. */
export class CertManager extends pulumi.ComponentResource {
	/** Cluster-wide issuers. A Certificate that refers to one depends on them. */
	readonly issuers: CustomResource[];

	constructor(
		name: string,
		{ stack, certManager, secrets, wait }: CertManagerArgs,
		opts?: pulumi.ComponentResourceOptions,
	) {
		super("rke2-lab:platform:CertManager", name, {}, opts);
		const namespace = new HardenedNamespace(
			platformNamespaces.certManager,
			{ podSecurity: "restricted", clusterVersion: stack.cluster.version, policies: certManagerPolicies(stack) },
			{ parent: this },
		);
		const release = installChart(
			{
				addOn: "certManager",
				version: certManager.version,
				values: certManagerValues(stack, certManager),
				mirror: stack.platform.chartMirror,
				namespace,
			},
			{ parent: this },
		);
		exposeMetrics("certManager", stack.platform, { parent: this, dependsOn: release });
		this.issuers = createIssuers({ certManager, secrets, wait, namespace, release }, this);
		this.registerOutputs({});
	}
}
