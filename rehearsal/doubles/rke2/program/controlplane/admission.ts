import { stringify } from "yaml";
import type { ServerSettings } from "../config/settings.ts";
import type { Paths } from "../paths.ts";
import { writeFileAtomically } from "../process/files.ts";

// Namespaces that RKE2 exempts from the restricted default.
const exemptNamespaces = ["kube-system", "compliance-operator-system", "tigera-operator"];

/**
 * The API server's admission configuration: the administrator's file, or RKE2's own, which RKE2 writes at every start.
 * With a profile every namespace that is not exempt is `restricted`; without a profile it is `privileged`.
 */
export function admissionConfigFile(paths: Paths, settings: ServerSettings): string {
	if (settings.podSecurityFile !== undefined) {
		return settings.podSecurityFile;
	}
	const hardened = settings.profile === "cis";
	const level = hardened ? "restricted" : "privileged";
	const document = {
		apiVersion: "apiserver.config.k8s.io/v1",
		kind: "AdmissionConfiguration",
		plugins: [
			{
				name: "PodSecurity",
				configuration: {
					apiVersion: "pod-security.admission.config.k8s.io/v1",
					kind: "PodSecurityConfiguration",
					defaults: Object.fromEntries(
						["enforce", "audit", "warn"].flatMap((mode) => [
							[mode, level],
							[`${mode}-version`, "latest"],
						]),
					),
					exemptions: { usernames: [], runtimeClasses: [], namespaces: hardened ? exemptNamespaces : [] },
				},
			},
		],
	};
	writeFileAtomically(paths.podSecurity, stringify(document), 0o600);
	return paths.podSecurity;
}
