import { rke2Minors } from "../../../src/facts/rke2-releases.ts";
import { labNamespace } from "../../lib/examples/objects.ts";
import { editResource } from "../../lib/examples/resources.ts";
import { isLeftAlone } from "../../lib/kubernetes/objects.ts";
import type { ObjectRule } from "../../lib/rules/rule.ts";
import { namespaces } from "../../lib/rules/subjects.ts";

const label = "pod-security.kubernetes.io/enforce";
const versionLabel = `${label}-version`;

/** The standard of an earlier minor than the program installs does not refuse what later standards refuse. */
const oldestMinor = rke2Minors.oldest;

/** Namespaces whose pods do not work under `baseline`. */
const privilegedNamespaces = [
	// Takes the ports 80 and 443 of its nodes (ADR 7).
	"traefik",
	// Its speakers answer ARP in the host's network namespace.
	"metallb-system",
	// Loads kernel modules and installs the container runtime's hook.
	"gpu-operator",
];

/**
 * Under the CIS profile RKE2 enforces `restricted` in a namespace without the label. Such a namespace is safe, but its pods
 * are refused late, and the label does not show the intent.
 */
export const kubernetesPodSecurity: ObjectRule = {
	name: "kubernetes-pod-security",
	description:
		"Every namespace enforces a current Pod Security Standard, and only the listed ones enforce `privileged`.",
	severity: "high",
	controls: ["5.2.2", "5.2.3", "5.2.4", "5.2.5", "5.2.10", "5.2.11", "5.2.12"],
	frameworks: { cisControls: ["4.1", "5.4"], iso27001: ["A.8.2", "A.8.9"], nist80053: ["AC-6", "CM-6", "CM-7"] },
	remediation: `Set the label ${label} of the namespace to restricted, or to baseline where its pods need it.`,
	url: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
	subject: namespaces,
	examples: [
		{
			change: "platform.namespaces.monitoring.podSecurity: privileged",
			apply: editResource("kubernetes:core/v1:Namespace", labNamespace, (props) => ({
				...props,
				metadata: { name: labNamespace, labels: { "pod-security.kubernetes.io/enforce": "privileged" } },
			})),
			sentence:
				"Namespace monitoring enforces privileged, which only traefik, metallb-system, gpu-operator may; set platform.namespaces.monitoring.podSecurity to restricted or baseline, or give this policy an exception for Namespace monitoring.",
		},
	],

	checkObject(object, report) {
		const { apiVersion, kind, metadata } = object;
		if (apiVersion !== "v1" || kind !== "Namespace") {
			return;
		}
		const { subject } = object;
		const version = metadata.labels?.[versionLabel] ?? "latest";
		if (!isOfToday(String(version))) {
			report(`${subject} has the label ${versionLabel}=${version}; allowed are latest and v1.${oldestMinor} or later.`);
		}
		const level = metadata.labels?.[label] ?? undefined;
		if (isLeftAlone(object, level)) {
			return;
		}
		if (level === undefined) {
			report(`${subject} has no label ${label}; allowed are restricted and baseline.`);
		} else if (level === "privileged") {
			if (!privilegedNamespaces.includes(metadata.name ?? "")) {
				report(
					`${subject} enforces privileged, which only ${privilegedNamespaces.join(", ")} may; set platform.namespaces.${metadata.name}.podSecurity to restricted or baseline, or give this policy an exception for ${subject}.`,
				);
			}
		} else if (level !== "restricted" && level !== "baseline") {
			report(`${subject} has the label ${label}=${level}; allowed are restricted and baseline.`);
		}
	},

	// The API server enforces this level there already.
	remedies({ metadata }) {
		return (metadata.labels?.[label] ?? undefined) === undefined
			? [{ path: ["metadata", "labels", label], value: "restricted" }]
			: [];
	},
};

function isOfToday(version: string): boolean {
	const [, minor] = /^v1\.(\d+)$/.exec(version) ?? [];
	return version === "latest" || Number(minor) >= oldestMinor;
}
