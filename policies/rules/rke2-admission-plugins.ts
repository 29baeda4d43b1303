import { parse } from "yaml";
import { argumentsOf } from "../lib/node-arguments.ts";
import { nodeFiles, rke2ConfigOf } from "../lib/rke2-files.ts";
import type { ResourceRule } from "../lib/rule.ts";

/** Off unless asked for (1.2.3, 1.2.9). */
const required = ["DenyServiceExternalIPs", "EventRateLimit"];
/** Lets in what the others refuse (1.2.10). */
const forbidden = ["AlwaysAdmit"];
/** On by themselves or through RKE2, and not to be switched off (1.2.3, 1.2.9, 1.2.12 to 1.2.14). */
const kept = [...required, "ServiceAccount", "NamespaceLifecycle", "NodeRestriction", "PodSecurity"];

/** EventRateLimit without limits in the admission file keeps the API server from starting. */
export const rke2AdmissionPlugins: ResourceRule = {
	name: "rke2-admission-plugins",
	description:
		"The API server runs the admission plugins that the benchmark asks for, and none that lets everything in.",
	severity: "high",
	evidence: { cisControls: ["4.1", "6.8"], iso27001: ["A.8.2", "A.8.9"], nist80053: ["AC-3", "CM-6", "SC-5"] },
	remediation:
		"Render `enable-admission-plugins=NodeRestriction,DenyServiceExternalIPs,EventRateLimit` into `kube-apiserver-arg` of every server, and limits for EventRateLimit into the file under `pod-security-admission-config-file`.",
	url: "https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/",

	checkResource(resource, report) {
		const files = nodeFiles(resource);
		const config = rke2ConfigOf(files);
		if (config?.role !== "server") {
			return;
		}
		const given = argumentsOf(config, "kube-apiserver-arg");
		const plugins = (argument: string) =>
			given.filter(({ name }) => name === argument).flatMap(({ value }) => value.split(",").map((name) => name.trim()));
		const enabled = plugins("enable-admission-plugins");
		const disabled = plugins("disable-admission-plugins");

		const missing = required.filter((name) => !enabled.includes(name));
		if (missing.length > 0) {
			report(`The RKE2 configuration in ${resource.name} does not enable ${missing.join(", ")}; add it.`);
		}
		const open = forbidden.filter((name) => enabled.includes(name));
		if (open.length > 0) {
			report(`The RKE2 configuration in ${resource.name} enables ${open.join(", ")}; remove it.`);
		}
		const off = kept.filter((name) => disabled.includes(name));
		if (off.length > 0) {
			report(`The RKE2 configuration in ${resource.name} disables ${off.join(", ")}; remove it.`);
		}
		const path = config.effective["pod-security-admission-config-file"];
		const content = files.find((file) => file.path === path)?.content;
		if (enabled.includes("EventRateLimit") && !limitsEvents(content)) {
			report(
				`${resource.name} configures no limits for EventRateLimit under pod-security-admission-config-file; add them.`,
			);
		}
	},
};

function limitsEvents(content = ""): boolean {
	try {
		const file = parse(content) as { plugins?: { name?: string; configuration?: { limits?: unknown[] } }[] } | null;
		const limits = file?.plugins?.find(({ name }) => name === "EventRateLimit")?.configuration?.limits ?? [];
		return limits.length > 0;
	} catch {
		return false;
	}
}
