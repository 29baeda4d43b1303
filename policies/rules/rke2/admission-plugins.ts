import { addArgument } from "../../lib/examples/nodes.ts";
import { parseYaml } from "../../lib/reading/yaml.ts";
import { pluginsOf } from "../../lib/rke2/component-arguments.ts";
import { serverRule } from "../../lib/rules/subjects.ts";

/** Plugins that are off by default, each with the control that requires it. */
const required = { DenyServiceExternalIPs: "1.2.3", EventRateLimit: "1.2.9" };
/** The plugin that accepts what the others refuse. */
const forbidden = { AlwaysAdmit: "1.2.10" };
/** Plugins that Kubernetes or RKE2 switches on; the configuration must not switch them off. */
const kept = {
	ServiceAccount: "1.2.12",
	NamespaceLifecycle: "1.2.13",
	NodeRestriction: "1.2.14",
	PodSecurity: "5.2.1",
};

/** The API server does not start with EventRateLimit and without limits in the admission file. */
export const rke2AdmissionPlugins = serverRule({
	name: "rke2-admission-plugins",
	description:
		"The API server runs the admission plugins that the benchmark requires, and none that accepts everything.",
	severity: "high",
	controls: ["1.2.3", "1.2.9", "1.2.10", "1.2.12", "1.2.13", "1.2.14", "5.2.1"],
	frameworks: { cisControls: ["4.1", "6.8"], iso27001: ["A.8.2", "A.8.9"], nist80053: ["AC-3", "CM-6", "SC-5"] },
	remediation:
		"Render `enable-admission-plugins=NodeRestriction,DenyServiceExternalIPs,EventRateLimit` into `kube-apiserver-arg` of every server, and limits for EventRateLimit into the file under `pod-security-admission-config-file`.",
	url: "https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/",
	examples: [
		{
			change: "kube-apiserver-arg: disable-admission-plugins=NodeRestriction",
			apply: addArgument("kube-apiserver-arg", "disable-admission-plugins=NodeRestriction"),
			sentence: "The RKE2 configuration in proj-k8sm01-converge disables NodeRestriction; remove it (control 1.2.14).",
		},
	],

	check(config, report, resource) {
		const enabled = pluginsOf(config, "enable-admission-plugins");
		const disabled = pluginsOf(config, "disable-admission-plugins");
		for (const [plugin, control] of Object.entries(required)) {
			if (!enabled.includes(plugin)) {
				report(`${config.title} does not enable ${plugin}; add it.`, control);
			}
		}
		for (const [plugin, control] of Object.entries(forbidden)) {
			if (enabled.includes(plugin)) {
				report(`${config.title} enables ${plugin}; remove it.`, control);
			}
		}
		for (const [plugin, control] of Object.entries({ ...required, ...kept })) {
			if (disabled.includes(plugin)) {
				report(`${config.title} disables ${plugin}; remove it.`, control);
			}
		}
		const path = config.effective["pod-security-admission-config-file"];
		const content = config.nodeFiles.find((file) => file.path === path)?.content;
		if (enabled.includes("EventRateLimit") && !limitsEvents(content)) {
			report(
				`${resource.name} configures no limits for EventRateLimit under pod-security-admission-config-file; add them.`,
				"1.2.9",
			);
		}
	},
});

function limitsEvents(content = ""): boolean {
	try {
		const file = parseYaml(content) as { plugins?: { name?: string; configuration?: { limits?: unknown[] } }[] } | null;
		const limits = file?.plugins?.find(({ name }) => name === "EventRateLimit")?.configuration?.limits ?? [];
		return limits.length > 0;
	} catch {
		return false;
	}
}
