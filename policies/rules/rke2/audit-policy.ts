import type { NodeFile } from "../../../src/rke2/bundle.ts";
import { paths } from "../../../src/rke2/paths.ts";
import { editFiles, serverNodes } from "../../lib/examples/nodes.ts";
import { parseYaml } from "../../lib/reading/yaml.ts";
import { type AuditPolicy, auditPolicyOf, auditTreatment, everyVerb, writing } from "../../lib/rke2/audit-policy.ts";
import { serverRule } from "../../lib/rules/subjects.ts";

type Requests = readonly [group: string, resource: string, verbs: readonly string[]];

/** Requests that carry secrets: the log has to record their author, and never their body. */
const sensitive: readonly Requests[] = [
	["", "secrets", everyVerb],
	["", "configmaps", everyVerb],
	["authentication.k8s.io", "tokenreviews", everyVerb],
];

/** Requests that reach into containers and nodes, or change workloads. */
const recorded: readonly Requests[] = [
	["", "pods", writing],
	["", "pods/exec", everyVerb],
	["", "pods/attach", everyVerb],
	["", "pods/portforward", everyVerb],
	["", "pods/proxy", everyVerb],
	["", "services/proxy", everyVerb],
	["", "nodes/proxy", everyVerb],
	["apps", "deployments", writing],
	["rbac.authorization.k8s.io", "clusterrolebindings", writing],
];

/** RKE2 writes its own policy where none exists, and that one records nothing. */
export const rke2AuditPolicy = serverRule({
	name: "rke2-audit-policy",
	description: "Every server records requests with their author, and records no secret.",
	severity: "high",
	controls: ["3.2.2"],
	frameworks: { cisControls: ["8.2", "8.5"], iso27001: ["A.8.15"], nist80053: ["AU-2", "AU-3", "AU-12"] },
	remediation:
		"Send the servers an audit policy that ends in a rule for everything, with Metadata for Secrets, ConfigMaps and TokenReviews before it.",
	url: "https://docs.rke2.io/security/hardening_guide",
	examples: [
		{
			change: "secrets recorded with their content",
			apply: editFiles(serverNodes, "level: Metadata", "level: Request"),
			sentence:
				"The audit policy in proj-k8sm01-converge records the content of secrets, configmaps, tokenreviews; record Metadata only.",
		},
	],

	check(config, report, resource) {
		const path = String(config.effective["audit-policy-file"] ?? paths.auditPolicy);
		const policy = auditPolicy(config.nodeFiles.find((file) => file.path === path));
		if (!policy) {
			report(`${resource.name} configures a server without an audit policy in ${path}; add one.`);
			return;
		}
		const silent = [...sensitive, ...recorded].filter(([group, kind, verbs]) => {
			const treatment = auditTreatment(policy, group, kind);
			return verbs.some((verb) => treatment.silent.has(verb));
		});
		if (silent.length > 0) {
			report(`The audit policy in ${resource.name} does not record ${names(silent)}; record at least Metadata.`);
		}
		const leaked = sensitive.filter(([group, kind]) => {
			const { levels } = auditTreatment(policy, group, kind);
			return levels.has("Request") || levels.has("RequestResponse");
		});
		if (leaked.length > 0) {
			report(`The audit policy in ${resource.name} records the content of ${names(leaked)}; record Metadata only.`);
		}
	},
});

function names(kinds: readonly Requests[]): string {
	return kinds.map(([, kind]) => kind).join(", ");
}

function auditPolicy(file: NodeFile | undefined): AuditPolicy | undefined {
	const policy = file && auditPolicyOf(contentOf(file), file.path);
	return policy?.kind === "Policy" ? policy : undefined;
}

/** Nothing for a file that is not YAML: the server is then without a policy. */
function contentOf({ content }: NodeFile): unknown {
	try {
		return parseYaml(content);
	} catch {
		return undefined;
	}
}
