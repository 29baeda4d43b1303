import { editFiles } from "../../lib/examples/nodes.ts";
import { type Rke2Config, serverConfigOf } from "../../lib/rke2/files.ts";
import type { Resource } from "../../lib/rules/resource.ts";
import type { StackRule } from "../../lib/rules/rule.ts";
import { serverConfigurations } from "../../lib/rules/subjects.ts";

/** https://docs.rke2.io/reference/server_config, "Critical Configuration Values"; agent-token-file stands for agent-token. */
const critical = [
	"agent-token-file",
	"cluster-cidr",
	"cluster-dns",
	"cluster-domain",
	"disable-cloud-controller",
	"disable-kube-proxy",
	"egress-selector-mode",
	"service-cidr",
];
/** RKE2 accepts servers that differ in these keys, and a request then depends on the server that answers it. */
const hardening = [
	"audit-policy-file",
	"cni",
	"kube-apiserver-arg",
	"pod-security-admission-config-file",
	"profile",
	"secrets-encryption-provider",
	"tls-san",
];

/** A server with other critical values cannot join, and its installation is complete before RKE2 says so. */
export const rke2EqualCriticalValues: StackRule = {
	name: "rke2-equal-critical-values",
	description: "All servers have the same values where RKE2 or the hardening needs them to.",
	severity: "high",
	controls: [],
	frameworks: { cisControls: ["4.1"], iso27001: ["A.8.9"], nist80053: ["CM-2", "CM-6"] },
	remediation: "Render the key from the same part of the stack file for every server.",
	url: "https://docs.rke2.io/reference/server_config",
	subject: serverConfigurations,
	examples: [
		{
			change: "another service network on one server",
			apply: editFiles(/^proj-k8sm02/, "service-cidr: 10.43.0.0/16", "service-cidr: 10.44.0.0/16"),
			sentence:
				"The RKE2 configurations in proj-k8sm01-converge and proj-k8sm02-converge differ in service-cidr; make them equal.",
		},
	],

	checkStack(resources, report) {
		let first: { resource: Resource; config: Rke2Config } | undefined;
		for (const resource of resources) {
			const config = serverConfigOf(resource);
			if (!config) {
				continue;
			}
			first ??= { resource, config };
			const differing = [...critical, ...hardening].filter(
				(key) => JSON.stringify(config.effective[key]) !== JSON.stringify(first!.config.effective[key]),
			);
			if (differing.length > 0) {
				report(
					`The RKE2 configurations in ${first.resource.name} and ${resource.name} differ in ${differing.join(", ")}; make them equal.`,
					resource,
				);
			}
		}
	},
};
