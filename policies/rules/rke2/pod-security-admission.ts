import { editFiles, serverNodes } from "../../lib/examples/nodes.ts";
import { parseYaml } from "../../lib/reading/yaml.ts";
import { serverRule } from "../../lib/rules/subjects.ts";

interface AdmissionConfiguration {
	plugins?: {
		name?: string;
		configuration?: { defaults?: Record<string, string>; exemptions?: Record<string, string[]> };
	}[];
}

/** The namespace of RKE2's own components. The file of the CIS profile exempts it as well. */
const exempt = ["kube-system"];

/**
 * The named file replaces the one that the CIS profile writes. A file that configures only other plugins switches Pod
 * Security off in every namespace without a label.
 */
export const rke2PodSecurityAdmission = serverRule({
	name: "rke2-pod-security-admission",
	description: "The API server enforces `restricted` in namespaces without a Pod Security label.",
	severity: "high",
	controls: ["5.2.1"],
	frameworks: { cisControls: ["4.1", "5.4"], iso27001: ["A.8.2", "A.8.9"], nist80053: ["AC-6", "CM-6", "CM-7"] },
	remediation:
		"Configure the plugin PodSecurity with defaults.enforce: restricted in the file, or leave `pod-security-admission-config-file` out.",
	url: "https://docs.rke2.io/security/pod_security_standards",
	examples: [
		{
			change: "baseline in namespaces without a label",
			apply: editFiles(serverNodes, "enforce: restricted", "enforce: baseline"),
			sentence:
				"/etc/rancher/rke2/admission.yaml in proj-k8sm01-converge enforces baseline by default; the only allowed level is restricted.",
		},
	],

	check(config, report, resource) {
		const path = config.effective["pod-security-admission-config-file"];
		if (path === undefined) {
			return;
		}
		const podSecurity = admissionConfiguration(config.nodeFiles.find((file) => file.path === path)?.content);
		const level = podSecurity?.defaults?.enforce ?? "nothing";
		if (level !== "restricted") {
			report(`${path} in ${resource.name} enforces ${level} by default; the only allowed level is restricted.`);
		}
		const version = podSecurity?.defaults?.["enforce-version"] ?? "latest";
		if (version !== "latest") {
			report(
				`${path} in ${resource.name} enforces the standard of ${version}; leave enforce-version out or set it to latest.`,
			);
		}
		const exemptions = Object.values(podSecurity?.exemptions ?? {}).flat();
		const others = exemptions.filter((name) => !exempt.includes(name));
		if (others.length > 0) {
			report(`${path} in ${resource.name} exempts ${others.join(", ")}; only ${exempt.join(", ")} may be exempt.`);
		}
	},
});

function admissionConfiguration(content = "") {
	try {
		const { plugins } = (parseYaml(content) ?? {}) as AdmissionConfiguration;
		return plugins?.find(({ name }) => name === "PodSecurity")?.configuration;
	} catch {
		return undefined;
	}
}
