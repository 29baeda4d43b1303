/** The list of escalations against Kubernetes' page about good practices of RBAC. */
import { describe, expect, test } from "vitest";
import { accessIn } from "../../../../../../policies/lib/kubernetes/rights/access.ts";
import { escalations, type Section } from "../../../../../../policies/lib/kubernetes/rights/escalations.ts";
import type { Resource } from "../../../../../../policies/lib/rules/resource.ts";

const rbac = "rbac.authorization.k8s.io";
const admission = "admissionregistration.k8s.io";
const certificates = "certificates.k8s.io";

/**
 * The sections of https://kubernetes.io/docs/concepts/security/rbac-good-practices/ about risks, in the order of the page, each with
 * permissions that it names: `verb group/resource`, where the core group is empty.
 */
const page: Readonly<Record<Exclude<Section, "RKE2's Helm controller">, readonly string[]>> = {
	"Listing secrets": ["get /secrets", "list /secrets", "watch /secrets", "patch /secrets"],
	"Workload creation": [
		...["pods", "replicationcontrollers"].map((resource) => `create /${resource}`),
		...["deployments", "daemonsets", "statefulsets", "replicasets"].map((resource) => `create apps/${resource}`),
		...["jobs", "cronjobs"].map((resource) => `create batch/${resource}`),
		"create /pods/exec",
		"get /pods/attach",
		"patch /pods/ephemeralcontainers",
	],
	"Persistent volume creation": ["create /persistentvolumes"],
	"Access to proxy subresource of Nodes": ["get /nodes/proxy", "create /nodes/proxy"],
	"Escalate verb": [`escalate ${rbac}/roles`, `escalate ${rbac}/clusterroles`],
	"Bind verb": [`bind ${rbac}/roles`, `bind ${rbac}/clusterroles`],
	"Impersonate verb": ["users", "groups", "serviceaccounts"].map((resource) => `impersonate /${resource}`),
	"CSRs and certificate issuing": [
		`update ${certificates}/certificatesigningrequests/approval`,
		`approve ${certificates}/signers`,
		`sign ${certificates}/signers`,
	],
	"Token request": ["create /serviceaccounts/token"],
	"Control admission webhooks": [
		`patch ${admission}/validatingwebhookconfigurations`,
		`update ${admission}/mutatingwebhookconfigurations`,
	],
	"Namespace modification": ["patch /namespaces"],
	"Object creation denial-of-service": ["delete /resourcequotas"],
};

test("every section of the page has an escalation, in the order of the page", () => {
	const sections = [...new Set(escalations.map(({ section }) => section))];
	expect(sections).toEqual([...Object.keys(page), "RKE2's Helm controller"]);
});

describe.each(Object.entries(page))("%s", (section, permissions) => {
	test.each(permissions)("%s is found in a role of any namespace, and in the hands of its account", (permission) => {
		const [verb, path] = permission.split(" ") as [string, string];
		const [group, ...resource] = path.split("/") as [string, ...string[]];
		const rule = { apiGroups: [group], resources: [resource.join("/")], verbs: [verb] };
		const role = declared("ClusterRole", { metadata: { name: "app" }, rules: [rule] });
		const account = { kind: "ServiceAccount", name: "ci", namespace: "app" };
		const binding = declared("RoleBinding", {
			metadata: { name: "app", namespace: "app" },
			roleRef: { kind: "ClusterRole", name: "app" },
			subjects: [account],
		});
		const found = (resources: Resource[]) =>
			accessIn(resources).findings.map(({ holder, escalation }) => [holder, escalation.section]);
		expect(found([role])).toEqual([["ClusterRole app", section]]);
		expect(found([role, binding])).toEqual([["ServiceAccount app/ci", section]]);
	});
});

function declared(kind: string, props: Record<string, unknown>): Resource {
	const type = `kubernetes:${rbac}/v1:${kind}`;
	return { type, name: "app", urn: `urn:${kind}`, props, opts: { ignoreChanges: [], protect: false } };
}
