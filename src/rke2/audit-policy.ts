import { stringify } from "yaml";

const metadata = "Metadata";

/**
 * What the API server records. Without a file of our own RKE2 writes one that records nothing. The first rule that
 * matches decides: what must never be recorded with its content first, so that no later rule can, then noise, then the
 * rest.
 * https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/
 */
const rules = [
	// Content that is secret itself: who asked for it, never what it was (CIS 3.2.2).
	{
		level: metadata,
		resources: [
			{ group: "", resources: ["secrets", "configmaps", "serviceaccounts/token"] },
			{ group: "authentication.k8s.io", resources: ["tokenreviews"] },
		],
	},

	// Noise: controllers that watch and renew, health checks. None of it is an action of a person.
	{
		level: "None",
		users: ["system:kube-proxy", "system:apiserver", "system:kube-scheduler", "system:kube-controller-manager"],
		verbs: ["get", "list", "watch"],
	},
	{ level: "None", userGroups: ["system:nodes"], verbs: ["get", "list", "watch"] },
	{ level: "None", resources: [{ group: "coordination.k8s.io", resources: ["leases"] }] },
	{ level: "None", resources: [{ group: "", resources: ["events"] }, { group: "events.k8s.io" }] },
	{ level: "None", nonResourceURLs: ["/healthz*", "/livez*", "/readyz*", "/version", "/openapi/*", "/metrics"] },

	// Ways into a container or a node.
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

	// Who may do what, and what guards the cluster: with the content of the change.
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
	return stringify({ apiVersion: "audit.k8s.io/v1", kind: "Policy", omitStages: ["RequestReceived"], rules });
}
