import { platformNamespaces } from "../../../src/facts/add-ons.ts";
import { addResource } from "../../lib/examples/resources.ts";
import { helmRelease } from "../../lib/helm/releases.ts";
import { declaredObjects, partOf } from "../../lib/kubernetes/objects.ts";
import type { StackRule } from "../../lib/rules/rule.ts";
import { servicesAndReleases } from "../../lib/rules/subjects.ts";

const advertisements = ["L2Advertisement", "BGPAdvertisement"];

/** Charts whose Service is a LoadBalancer unless their values say otherwise. */
const balancedByDefault = ["traefik"];

/** A LoadBalancer whose address is not announced stays pending, and a release that waits for it times out. */
export const kubernetesLoadBalancers: StackRule = {
	name: "kubernetes-load-balancers",
	description: "No Service asks for a load balancer while MetalLB announces no pool.",
	severity: "low",
	controls: [],
	frameworks: { cisControls: ["4.8", "12.2"], iso27001: ["A.8.20"], nist80053: ["CM-7", "SC-7"] },
	remediation: "Use a Service of type ClusterIP, or switch `platform.metallb.announce` on.",
	url: "https://metallb.io/configuration/",
	subject: servicesAndReleases,
	examples: [
		{
			change: "a load balancer while nothing is announced",
			apply: addResource("kubernetes:core/v1:Service", "app", {
				metadata: { name: "app", namespace: platformNamespaces.traefik },
				spec: { type: "LoadBalancer" },
			}),
			sentence: "Service traefik/app asks for a load balancer, but no pool is announced.",
		},
	],

	checkStack(resources, report) {
		const objects = declaredObjects(resources);
		if (objects.some(({ object: { kind } }) => advertisements.includes(kind))) {
			return;
		}
		for (const { object, resource } of objects) {
			const service = object.apiVersion === "v1" && object.kind === "Service";
			if (service && partOf(object, ["spec", "type"], "string") === "LoadBalancer") {
				report(`${object.subject} asks for a load balancer, but no pool is announced.`, resource);
			}
		}
		for (const resource of resources.filter(({ type }) => type === helmRelease)) {
			const { chart, values } = resource.props as {
				chart?: string;
				values?: { service?: { enabled?: boolean; type?: string; spec?: { type?: string } } };
			};
			const { enabled = true, type, spec } = values?.service ?? {};
			const asked = spec?.type ?? type ?? (balancedByDefault.includes(chart ?? "") ? "LoadBalancer" : "ClusterIP");
			if (enabled && asked === "LoadBalancer") {
				report(`Release ${resource.name} asks for a load balancer, but no pool is announced.`, resource);
			}
		}
	},
};
