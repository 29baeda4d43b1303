import { stringify } from "yaml";

/**
 * Admission configuration of the API server: Pod Security and event rate limits in one file. RKE2 passes the file
 * instead of its own, so that a file with the limits alone would switch Pod Security off.
 */
export function admissionConfiguration(): string {
	return stringify({
		apiVersion: "apiserver.config.k8s.io/v1",
		kind: "AdmissionConfiguration",
		plugins: [
			{ name: "PodSecurity", configuration: podSecurity },
			{ name: "EventRateLimit", configuration: eventRateLimit },
		],
	});
}

/** Restricted, unless the namespace has a label: https://kubernetes.io/docs/concepts/security/pod-security-admission/ */
const podSecurity = {
	apiVersion: "pod-security.admission.config.k8s.io/v1",
	kind: "PodSecurityConfiguration",
	defaults: {
		enforce: "restricted",
		"enforce-version": "latest",
		audit: "restricted",
		"audit-version": "latest",
		warn: "restricted",
		"warn-version": "latest",
	},
	exemptions: {
		usernames: [],
		runtimeClasses: [],
		// RKE2's own components and kube-vip. Every other namespace declares its level by its label.
		namespaces: ["kube-system"],
	},
};

/** Requests per second: more than a cluster of this size needs, but a limit for a faulty controller (CIS 1.2.9). */
const eventRateLimit = {
	apiVersion: "eventratelimit.admission.k8s.io/v1alpha1",
	kind: "Configuration",
	limits: [
		{ type: "Server", qps: 500, burst: 2000 },
		{ type: "Namespace", qps: 50, burst: 500, cacheSize: 2000 },
	],
};
