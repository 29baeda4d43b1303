import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../../src/config/schema/stack.ts";
import { platformNamespaces } from "../../../src/facts/add-ons.ts";
import { HardenedNamespace } from "../namespaces/hardened-namespace.ts";
import { exposeMetrics } from "../releases/expose-metrics.ts";
import { installChart } from "../releases/install-chart.ts";
import { metallbPolicies } from "./network-policies.ts";
import { metallbValues } from "./values.ts";

const poolName = "default-pool";

export interface MetallbArgs {
	stack: Pick<StackConfig, "cluster" | "nodes" | "platform">;
	metallb: NonNullable<StackConfig["platform"]["metallb"]>;
}

/**
 * MetalLB in layer 2 mode with one pool of addresses.
 *
 * With `platform.metallb.announce` off, it runs with its pool, assigns no address and answers no ARP request. The switch changes
 * the pool's `autoAssign`, creates or deletes the advertisement, and changes nothing else.
 */
export class Metallb extends pulumi.ComponentResource {
	constructor(name: string, { stack, metallb }: MetallbArgs, opts?: pulumi.ComponentResourceOptions) {
		super("rke2-lab:platform:Metallb", name, {}, opts);
		const namespace = new HardenedNamespace(
			platformNamespaces.metallb,
			// The speaker answers ARP: it needs the host's network and NET_RAW.
			{ podSecurity: "privileged", clusterVersion: stack.cluster.version, policies: metallbPolicies(stack) },
			{ parent: this },
		);
		const release = installChart(
			{
				addOn: "metallb",
				version: metallb.version,
				values: metallbValues(),
				mirror: stack.platform.chartMirror,
				namespace,
			},
			{ parent: this },
		);
		exposeMetrics("metallb", stack.platform, { parent: this, dependsOn: release });
		const pool = createPool(metallb, { parent: this, dependsOn: release });
		if (metallb.announce) {
			announcePool({ parent: this, dependsOn: pool });
		}
		this.registerOutputs({});
	}
}

/** https://metallb.io/apis/#metallb.io/v1beta1.IPAddressPool */
function createPool({ pool, announce }: MetallbArgs["metallb"], opts: pulumi.CustomResourceOptions): CustomResource {
	return new CustomResource(
		poolName,
		{
			apiVersion: "metallb.io/v1beta1",
			kind: "IPAddressPool",
			metadata: { name: poolName, namespace: platformNamespaces.metallb },
			spec: { addresses: pool, autoAssign: announce },
		},
		opts,
	);
}

function announcePool(opts: pulumi.CustomResourceOptions): void {
	new CustomResource(
		"l2-advert",
		{
			apiVersion: "metallb.io/v1beta1",
			kind: "L2Advertisement",
			metadata: { name: "l2-advert", namespace: platformNamespaces.metallb },
			spec: { ipAddressPools: [poolName] },
		},
		opts,
	);
}
