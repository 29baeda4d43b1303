import { stringify } from "yaml";

const metadata = "Metadata";

/** Objects that components renew all day. The log records every deletion of them, and every change by a person. */
const renewed = [
	{ group: "coordination.k8s.io", resources: ["leases"] },
	{ group: "", resources: ["events"] },
	{ group: "events.k8s.io" },
];
const renewals = ["create", "get", "list", "patch", "update", "watch"];

/**
 * The requests that the API server records. Without this file RKE2 writes a policy that records nothing. The first rule that
 * matches decides:
 * the rules for secret content come first, so that no later rule can record it; then the rules for noise, then the rest.
 * https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/
 */
const rules = [
	// Secret content: the log says who read or wrote the object, never what is in it (CIS 3.2.2).
	{
		level: metadata,
		resources: [
			{ group: "", resources: ["secrets", "configmaps", "serviceaccounts/token"] },
			{ group: "authentication.k8s.io", resources: ["tokenreviews"] },
		],
	},

	// Noise: components that watch and renew, and health checks. Of a person's requests only health checks are left out.
	{
		level: "None",
		users: ["system:kube-proxy", "system:apiserver", "system:kube-scheduler", "system:kube-controller-manager"],
		verbs: ["get", "list", "watch"],
	},
	{ level: "None", userGroups: ["system:nodes"], verbs: ["get", "list", "watch"] },
	{ level: "None", userGroups: ["system:nodes", "system:serviceaccounts"], verbs: renewals, resources: renewed },
	{
		level: "None",
		users: ["system:apiserver", "system:kube-scheduler", "system:kube-controller-manager"],
		verbs: renewals,
		resources: renewed,
	},
	{ level: "None", nonResourceURLs: ["/healthz*", "/livez*", "/readyz*", "/version", "/openapi/*", "/metrics"] },

	// Access to a container or a node.
	{
		level: metadata,
		resources: [
			{
				group: "",
				resources: [
					"pods/exec",
					"pods/attach",
					"pods/portforward",
					"pods/proxy",
					"pods/ephemeralcontainers",
					"services/proxy",
					"nodes/proxy",
				],
			},
		],
	},

	// Permissions, and objects that protect the cluster: with the content of the change.
	{
		level: "RequestResponse",
		verbs: ["create", "update", "patch", "delete", "deletecollection"],
		resources: [
			{ group: "rbac.authorization.k8s.io" },
			{ group: "admissionregistration.k8s.io" },
			{ group: "certificates.k8s.io" },
			{ group: "networking.k8s.io", resources: ["networkpolicies"] },
			{ group: "", resources: ["namespaces", "serviceaccounts"] },
		],
	},

	{ level: metadata },
];

/** Text of the audit policy file. */
export function auditPolicy(): string {
	return stringify(
		{ apiVersion: "audit.k8s.io/v1", kind: "Policy", omitStages: ["RequestReceived"], rules },
		{ aliasDuplicateObjects: false },
	);
}
