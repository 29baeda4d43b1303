/** A member of a manifest with a wrong type is a sentence, and never a crash. */
import { describe, expect, test } from "vitest";
import { findViolations } from "../../../policies/lib/rules/evaluate.ts";
import type { ObjectRule, StackRule } from "../../../policies/lib/rules/rule.ts";
import { rules } from "../../../policies/rules/index.ts";

const metadata = { name: "app", namespace: "app", labels: { "pod-security.kubernetes.io/enforce": "restricted" } };
const securityContext = {
	privileged: false,
	allowPrivilegeEscalation: false,
	readOnlyRootFilesystem: true,
	runAsNonRoot: true,
	runAsUser: 1000,
	capabilities: { add: ["NET_BIND_SERVICE"], drop: ["ALL"] },
	seccompProfile: { type: "RuntimeDefault" },
	windowsOptions: { hostProcess: false },
};
const container = {
	name: "main",
	image: "app:1",
	env: [{ name: "A", valueFrom: { secretKeyRef: { name: "a" } } }],
	envFrom: [{ secretRef: { name: "a" } }],
	ports: [{ hostPort: 80 }],
	resources: { limits: { memory: "64Mi" } },
	securityContext,
};
const pod = {
	os: { name: "linux" },
	serviceAccountName: "app",
	automountServiceAccountToken: false,
	hostNetwork: false,
	hostPID: false,
	hostIPC: false,
	volumes: [{ name: "a", hostPath: { path: "/etc" } }],
	securityContext,
	containers: [container],
	initContainers: [container],
	ephemeralContainers: [container],
};
const allowed = [{ ports: [{ port: 53 }] }];
const selector = { matchLabels: { a: "b" }, matchExpressions: [{ key: "a", operator: "Exists" }] };

const objects: Readonly<Record<string, object>> = {
	"core/v1:Pod": { metadata, spec: pod },
	"apps/v1:DeploymentPatch": { metadata, spec: { template: { spec: pod } } },
	"batch/v1:CronJob": { metadata, spec: { jobTemplate: { spec: { template: { spec: pod } } } } },
	"core/v1:PodList": { items: [{ metadata, spec: pod }] },
	"core/v1:Namespace": { metadata },
	"core/v1:ServiceAccount": { metadata, automountServiceAccountToken: false },
	"core/v1:Service": { metadata, spec: { type: "LoadBalancer" } },
	"core/v1:PersistentVolume": { metadata, spec: { hostPath: { path: "/" }, local: { path: "/" } } },
	"networking.k8s.io/v1:NetworkPolicy": {
		metadata,
		spec: {
			podSelector: selector,
			policyTypes: ["Ingress", "Egress"],
			ingress: [...allowed, { from: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] } }] }],
			egress: [...allowed, { to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] } }] }],
		},
	},
	"rbac.authorization.k8s.io/v1:ClusterRole": {
		metadata,
		rules: [{ apiGroups: [""], resources: ["pods"], resourceNames: ["a"], verbs: ["get"], nonResourceURLs: ["/a"] }],
		aggregationRule: { clusterRoleSelectors: [selector] },
	},
	"rbac.authorization.k8s.io/v1:RoleBinding": {
		metadata,
		roleRef: { kind: "ClusterRole", name: "cluster-admin" },
		subjects: [{ kind: "Group", name: "a", namespace: "b" }],
	},
};

const others = [null, 5, "text", {}, [null]];

type Member = string | number;

/** Paths to every member of an object, at every depth. */
function pathsOf(value: unknown, path: Member[] = []): Member[][] {
	return typeof value === "object" && value !== null
		? Object.entries(value).flatMap(([key, member]) => [[...path, key], ...pathsOf(member, [...path, key])])
		: [];
}

function replaced(root: object, path: readonly Member[], value: unknown): Record<string, unknown> {
	const copy = structuredClone(root) as Record<Member, unknown>;
	const parent = path.slice(0, -1).reduce((node, key) => node[key] as Record<Member, unknown>, copy);
	parent[path.at(-1)!] = value;
	return copy;
}

const rulesOfObjects = rules.filter((rule): rule is ObjectRule | StackRule => !("checkResource" in rule));

describe.each(Object.entries(objects))("%s", (type, object) => {
	test("crashes no rule when any member has another type", () => {
		const crashes: string[] = [];
		for (const path of pathsOf(object)) {
			for (const other of others) {
				const props = replaced(object, path, other);
				const opts = { ignoreChanges: [], protect: false };
				const resource = { type: `kubernetes:${type}`, name: "app", urn: "urn", props, opts };
				for (const rule of rulesOfObjects) {
					try {
						findViolations(rule, [resource]);
					} catch (error) {
						crashes.push(`${rule.name}: ${path.join(".")} = ${JSON.stringify(other)}: ${(error as Error).message}`);
					}
				}
			}
		}
		expect(crashes).toEqual([]);
	});
});
