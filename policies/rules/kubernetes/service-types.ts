import { platformNamespaces } from "../../../src/facts/add-ons.ts";
import { serviceTypeLabel } from "../../../src/facts/service-types.ts";
import { labNamespace } from "../../lib/examples/objects.ts";
import { addResource } from "../../lib/examples/resources.ts";
import { declaredObjects, partOf } from "../../lib/kubernetes/objects.ts";
import type { StackRule } from "../../lib/rules/rule.ts";
import { services } from "../../lib/rules/subjects.ts";

/** Scrapers reach the platform's metrics at NodePorts, and clients reach Traefik at either type. */
const ofPlatform: readonly string[] = ["NodePort", "LoadBalancer"];
const platform: readonly string[] = Object.values(platformNamespaces);

const specShape = { type: "string", externalIPs: ["string"] } as const;

/** The same as the program's admission policy, before a Service is made: that policy leaves out the platform and kube-system. */
export const kubernetesServiceTypes: StackRule = {
	name: "kubernetes-service-types",
	description: "A Service is of type ClusterIP unless its namespace declares another, and takes no address of its own.",
	severity: "medium",
	controls: [],
	frameworks: { cisControls: ["4.8", "12.2"], iso27001: ["A.8.20"], nist80053: ["CM-7", "SC-7"] },
	remediation: "Use the ingress, or declare the type in `platform.namespaces.<name>.services`.",
	url: "https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types",
	subject: services,
	examples: [
		{
			change: "a port of every node for a workload",
			apply: addResource("kubernetes:core/v1:Service", "app", {
				metadata: { name: "app", namespace: labNamespace },
				spec: { type: "NodePort" },
			}),
			sentence:
				"Service monitoring/app has the type NodePort, which its namespace does not declare; use ClusterIP, or add the type to platform.namespaces.monitoring.services.",
		},
	],

	checkStack(resources, report) {
		const objects = declaredObjects(resources);
		const labels = new Map(
			objects
				.filter(({ object: { apiVersion, kind } }) => apiVersion === "v1" && kind === "Namespace")
				.map(({ object: { metadata } }) => [metadata.name, metadata.labels ?? {}]),
		);
		for (const { object, resource } of objects) {
			if (object.apiVersion !== "v1" || object.kind !== "Service") {
				continue;
			}
			const culprit = { resource, subject: object.subject };
			const { type = "ClusterIP", externalIPs = [] } = partOf(object, ["spec"], specShape) ?? {};
			const { namespace } = object.metadata;
			if (externalIPs.length > 0) {
				report(`${object.subject} takes the addresses ${externalIPs.join(", ")}; remove externalIPs.`, culprit);
			}
			const declared =
				type === "ClusterIP" ||
				labels.get(namespace)?.[serviceTypeLabel(type)] === "allowed" ||
				(platform.includes(namespace ?? "") && ofPlatform.includes(type));
			if (!declared) {
				report(
					`${object.subject} has the type ${type}, which its namespace does not declare; use ClusterIP, or add the type to platform.namespaces.${namespace}.services.`,
					culprit,
				);
			}
		}
	},
};
