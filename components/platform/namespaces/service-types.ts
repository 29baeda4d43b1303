import { ValidatingAdmissionPolicy } from "@pulumi/kubernetes/admissionregistration/v1/validatingAdmissionPolicy.js";
import { ValidatingAdmissionPolicyBinding } from "@pulumi/kubernetes/admissionregistration/v1/validatingAdmissionPolicyBinding.js";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../../src/config/schema/stack.ts";
import { addOnEntries, platformNamespaces } from "../../../src/facts/add-ons.ts";

type Workload = StackConfig["platform"]["namespaces"][string];
type ServiceType = Workload["services"][number];

const labelOf = (type: ServiceType) => `services.rke2-lab/${type}`;

/**
 * Labels of a namespace by which the API server knows the kinds of Services that it may have. Nobody changes them who is
 * editor or administrator of a namespace: Kubernetes' own roles for these say nothing of Namespaces.
 */
export function serviceTypeLabels({ services, metricsPorts }: Workload, scrapers: string[]): Record<string, string> {
	// Scrapers outside the cluster come by a NodePort.
	const scraped: ServiceType[] = metricsPorts.length > 0 && scrapers.length > 0 ? ["NodePort"] : [];
	return Object.fromEntries([...new Set([...services, ...scraped])].sort().map((type) => [labelOf(type), "allowed"]));
}

/**
 * Kinds of Services with what makes an update of one another Service: what was there before stays, whoever made it, and
 * whatever a controller writes to it.
 */
const kinds: Record<ServiceType, { why: string; unchanged: string }> = {
	NodePort: { why: "it is reached at a port of every node, past the ingress", unchanged: "true" },
	LoadBalancer: { why: "it is reached at an address of its own, past the ingress", unchanged: "true" },
	ExternalName: {
		why: "it gives a name of the cluster to a host outside",
		unchanged: "object.spec.externalName == oldObject.spec.externalName",
	},
};

const name = "service-types";

/**
 * Refuses Services that lead past the ingress, or out of the cluster, in every namespace that does not say so, those that
 * are in no stack file included. `externalIPs` are refused everywhere by an admission plugin of the API server,
 * DenyServiceExternalIPs.
 * https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 */
export class ServiceTypes extends pulumi.ComponentResource {
	/** @param namespaces of the workloads: their labels are there before anything is refused */
	constructor(stack: StackConfig, namespaces: pulumi.Resource[], opts: pulumi.ComponentResourceOptions) {
		super("rke2-lab:platform:ServiceTypes", name, {}, opts);
		const policy = new ValidatingAdmissionPolicy(
			name,
			{
				metadata: { name },
				spec: {
					failurePolicy: "Fail",
					matchConstraints: {
						resourceRules: [
							{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: ["services"] },
						],
					},
					variables: [
						{ name: "before", expression: "oldObject == null ? '' : oldObject.spec.type" },
						{ name: "labels", expression: "namespaceObject.metadata.?labels.orValue({})" },
					],
					validations: (Object.keys(kinds) as ServiceType[]).map(validation),
				},
			},
			{ parent: this, dependsOn: namespaces },
		);
		new ValidatingAdmissionPolicyBinding(
			name,
			{
				metadata: { name },
				spec: {
					policyName: name,
					validationActions: ["Deny"],
					matchResources: {
						namespaceSelector: {
							matchExpressions: [
								{
									key: "kubernetes.io/metadata.name",
									operator: "NotIn",
									values: ["kube-system", ...ownNamespaces(stack)],
								},
							],
						},
					},
				},
			},
			{ parent: this, dependsOn: [policy, ...namespaces] },
		);
		this.registerOutputs({});
	}
}

/** The platform's namespaces that this stack has. */
function ownNamespaces({ platform }: StackConfig): string[] {
	return [
		...addOnEntries.filter(([key]) => platform[key]).map(([, { namespace }]) => namespace),
		...(platform.gpuOperator ? [platformNamespaces.gpuSmokeTest] : []),
		...(platform.checks.enabled ? [platformNamespaces.networkCheck] : []),
	];
}

function validation(type: ServiceType) {
	const { why, unchanged } = kinds[type];
	const same = `variables.before == '${type}' && ${unchanged}`;
	const remedy = `platform.namespaces.' + namespaceObject.metadata.name + '.services of the stack file`;
	return {
		expression: `object.spec.type != '${type}' || (${same}) || '${labelOf(type)}' in variables.labels`,
		messageExpression: `'a Service of type ${type} is not allowed here: ${why}. Where that is meant, add ${type} to ${remedy}.'`,
		reason: "Forbidden",
	};
}
