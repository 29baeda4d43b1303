import { ValidatingAdmissionPolicy } from "@pulumi/kubernetes/admissionregistration/v1/validatingAdmissionPolicy.js";
import { ValidatingAdmissionPolicyBinding } from "@pulumi/kubernetes/admissionregistration/v1/validatingAdmissionPolicyBinding.js";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../../src/config/schema/stack.ts";
import { addOnEntries, platformNamespaces } from "../../../src/facts/add-ons.ts";
import { serviceTypeLabel } from "../../../src/facts/service-types.ts";

type Workload = StackConfig["platform"]["namespaces"][string];
type ServiceType = Workload["services"][number];

/**
 * Labels of a namespace that allow it types of Services. Editors and administrators of a namespace cannot change them:
 * Kubernetes' own roles for these grant no right on Namespaces.
 */
export function serviceTypeLabels({ services, metricsPorts }: Workload, scrapers: string[]): Record<string, string> {
	// Scrapers outside the cluster use a NodePort.
	const scraped: ServiceType[] = metricsPorts.length > 0 && scrapers.length > 0 ? ["NodePort"] : [];
	return Object.fromEntries(
		[...new Set([...services, ...scraped])].sort().map((type) => [serviceTypeLabel(type), "allowed"]),
	);
}

/**
 * Types of Services. `unchanged` tells whether an update leaves a Service essentially the same: existing Services stay, whatever
 * a controller writes to them.
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
 * Refuses Services that bypass the ingress, or lead out of the cluster, in every namespace without the label, including namespaces
 * that no stack file has. DenyServiceExternalIPs, an admission plugin of the API server, refuses `externalIPs` everywhere.
 * https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 */
export class ServiceTypes extends pulumi.ComponentResource {
	/** @param namespaces of the workloads: they have their labels before the policy refuses anything */
	constructor(
		stack: Pick<StackConfig, "platform">,
		namespaces: pulumi.Resource[],
		opts: pulumi.ComponentResourceOptions,
	) {
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
function ownNamespaces({ platform }: Pick<StackConfig, "platform">): string[] {
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
		expression: `object.spec.type != '${type}' || (${same}) || '${serviceTypeLabel(type)}' in variables.labels`,
		messageExpression: `'a Service of type ${type} is not allowed here: ${why}. Where that is meant, add ${type} to ${remedy}.'`,
		reason: "Forbidden",
	};
}
