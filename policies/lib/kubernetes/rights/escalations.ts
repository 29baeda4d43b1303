/**
 * The permissions that lead to others, by the sections of Kubernetes' page about good practices:
 * https://kubernetes.io/docs/concepts/security/rbac-good-practices/#privilege-escalation-risks
 */
import type { ControlId } from "../../../benchmark/index.ts";

/** Titles of the sections of that page; the last one is RKE2's own (https://docs.rke2.io/helm). */
export type Section =
	| "Listing secrets"
	| "Workload creation"
	| "Persistent volume creation"
	| "Access to proxy subresource of Nodes"
	| "Escalate verb"
	| "Bind verb"
	| "Impersonate verb"
	| "CSRs and certificate issuing"
	| "Token request"
	| "Control admission webhooks"
	| "Namespace modification"
	| "Object creation denial-of-service"
	| "RKE2's Helm controller";

export interface Escalation {
	section: Section;
	/** The control of the benchmark that forbids it; none where the benchmark has no such control. */
	control?: ControlId;
	group: string;
	resources: readonly string[];
	verbs: readonly string[];
	/** The consequence, as the end of "which is to ...". */
	because: string;
	/**
	 * The meaning of a rule that names single objects: `every` name has the consequence, or those of roles, accounts, users and
	 * groups that are not known to be harmless, or those of signers of Kubernetes. Left out, no name has it.
	 */
	named?: "every" | "roles" | "accounts" | "people" | "signers";
}

const change = ["create", "update", "patch"];
const rbac = { control: "5.1.8", group: "rbac.authorization.k8s.io", resources: ["clusterroles", "roles"] } as const;
const runsPods = { section: "Workload creation", control: "5.1.4", because: "run as any ServiceAccount" } as const;
const inPods = { section: "Workload creation", group: "", because: "run commands in any pod" } as const;
const impersonation = { section: "Impersonate verb", control: "5.1.8", because: "act as any user" } as const;
const issuing = {
	section: "CSRs and certificate issuing",
	control: "5.1.11",
	group: "certificates.k8s.io",
	because: "issue any client certificate",
} as const;

export const escalations: readonly Escalation[] = [
	{
		section: "Listing secrets",
		control: "5.1.2",
		group: "",
		resources: ["secrets"],
		// The answer to a patch and to a deletion of all has the whole objects.
		verbs: ["get", "list", "watch", "update", "patch", "deletecollection"],
		because: "read or replace every secret",
	},
	{ ...runsPods, group: "", resources: ["pods", "replicationcontrollers"], verbs: change },
	{
		...runsPods,
		group: "apps",
		resources: ["deployments", "daemonsets", "statefulsets", "replicasets"],
		verbs: change,
	},
	{ ...runsPods, group: "batch", resources: ["jobs", "cronjobs"], verbs: change },
	// A request by WebSocket is a get.
	{ ...inPods, resources: ["pods/exec", "pods/attach"], verbs: ["create", "get"] },
	{ ...inPods, resources: ["pods/ephemeralcontainers"], verbs: ["update", "patch"] },
	{
		section: "Persistent volume creation",
		control: "5.1.9",
		group: "",
		resources: ["persistentvolumes"],
		verbs: ["create"],
		because: "mount any path of a node",
	},
	{
		section: "Access to proxy subresource of Nodes",
		control: "5.1.10",
		group: "",
		resources: ["nodes/proxy"],
		verbs: ["get", "create", "update", "patch", "delete"],
		because: "command kubelets past the audit log",
		named: "every",
	},
	// Every permission can be written into a role of any name.
	{ ...rbac, section: "Escalate verb", verbs: ["escalate"], because: "make any role", named: "every" },
	{ ...rbac, section: "Bind verb", verbs: ["bind"], because: "take any role", named: "roles" },
	{ ...impersonation, group: "", resources: ["users", "groups"], verbs: ["impersonate"], named: "people" },
	{ ...impersonation, group: "", resources: ["serviceaccounts"], verbs: ["impersonate"], named: "accounts" },
	// https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/#constrained-impersonation
	{
		...impersonation,
		group: "authentication.k8s.io",
		resources: ["users", "groups", "serviceaccounts", "nodes"],
		verbs: [
			"impersonate:user-info",
			"impersonate:serviceaccount",
			"impersonate:arbitrary-node",
			"impersonate:associated-node",
		],
		named: "every",
	},
	{ ...issuing, resources: ["certificatesigningrequests/approval"], verbs: ["update", "patch"] },
	{ ...issuing, resources: ["signers"], verbs: ["approve", "sign"], named: "signers" },
	{
		section: "Token request",
		control: "5.1.13",
		group: "",
		resources: ["serviceaccounts/token"],
		verbs: ["create"],
		because: "act as any ServiceAccount",
		named: "accounts",
	},
	{
		section: "Control admission webhooks",
		control: "5.1.12",
		group: "admissionregistration.k8s.io",
		resources: [
			"validatingwebhookconfigurations",
			"mutatingwebhookconfigurations",
			"validatingadmissionpolicies",
			"validatingadmissionpolicybindings",
			"mutatingadmissionpolicies",
			"mutatingadmissionpolicybindings",
		],
		verbs: [...change, "delete", "deletecollection"],
		because: "read and change every object that is admitted",
		// A webhook of any name can be rewritten so that it is asked about every object.
		named: "every",
	},
	{
		section: "Namespace modification",
		group: "",
		resources: ["namespaces"],
		verbs: change,
		because: "set the labels that Pod Security and network policies rely on",
		named: "every",
	},
	{
		section: "Object creation denial-of-service",
		group: "",
		resources: ["resourcequotas", "limitranges"],
		verbs: [...change, "delete", "deletecollection"],
		because: "lift the limits of a namespace",
		named: "every",
	},
	...[
		{ group: "helm.cattle.io", resources: ["helmcharts", "helmchartconfigs"] },
		{ group: "k3s.cattle.io", resources: ["addons"] },
	].map(
		(kinds): Escalation => ({
			section: "RKE2's Helm controller",
			...kinds,
			verbs: change,
			because: "install anything as cluster-admin",
			named: "every",
		}),
	),
];
