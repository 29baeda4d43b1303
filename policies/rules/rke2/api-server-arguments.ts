import { paths } from "../../../src/rke2/paths.ts";
import type { ControlId } from "../../benchmark/index.ts";
import { addArgument } from "../../lib/examples/nodes.ts";
import { strongCiphers } from "../../lib/rke2/ciphers.ts";
import {
	type ArgumentLimit,
	among,
	argumentRule,
	atLeast,
	leftToRke2,
	only,
	positiveDuration,
} from "../../lib/rke2/component-arguments.ts";

/** RKE2 starts the API server hardened. Each of these arguments could undo a part of that. */
export const rke2ApiServerArguments = argumentRule(
	{
		name: "rke2-api-server-arguments",
		description: "No argument of the API server undoes a setting that RKE2 hardens.",
		severity: "high",
		frameworks: { cisControls: ["4.1", "6.8"], iso27001: ["A.8.2", "A.8.9"], nist80053: ["AC-3", "AC-6", "CM-6"] },
		remediation: "Remove the argument from `kube-apiserver-arg` on every server, or give it the allowed value.",
		url: "https://docs.rke2.io/security/cis_self_assessment112",
		examples: [
			{
				change: "kube-apiserver-arg: anonymous-auth=true",
				apply: addArgument("kube-apiserver-arg", "anonymous-auth=true"),
				sentence:
					"The RKE2 configuration in proj-k8sm01-converge sets anonymous-auth in kube-apiserver-arg; the only allowed value is false (control 1.2.1).",
			},
		],
	},
	"kube-apiserver-arg",
	[
		only("1.2.1", "anonymous-auth", "false"),
		// The program's own file, in which the argument above decides about anonymous access.
		only("1.2.1", "authentication-config", paths.authentication),
		...leftToRke2("1.2.2", "token-auth-file"),
		...leftToRke2("1.2.4", "kubelet-client-certificate", "kubelet-client-key"),
		...leftToRke2("1.2.5", "kubelet-certificate-authority"),
		{
			control: "1.2.6",
			argument: "authorization-mode",
			allowed: "one without AlwaysAllow",
			permits: (found) => !modes(found).includes("AlwaysAllow"),
		},
		...(["1.2.6", "1.2.7", "1.2.8"] as const).flatMap((control) => leftToRke2(control, "authorization-config")),
		includes("1.2.7", "Node"),
		includes("1.2.8", "RBAC"),
		only("1.2.15", "profiling", "false"),
		// RKE2 puts its own before them, and the last one counts.
		...leftToRke2("1.2.16", "audit-log-path"),
		...leftToRke2("3.2.1", "audit-policy-file"),
		...leftToRke2("5.2.1", "admission-control-config-file"),
		atLeast("1.2.17", "audit-log-maxage", 30),
		atLeast("1.2.18", "audit-log-maxbackup", 10),
		atLeast("1.2.19", "audit-log-maxsize", 100),
		positiveDuration("1.2.20", "request-timeout"),
		only("1.2.21", "service-account-lookup", "true"),
		...leftToRke2("1.2.22", "service-account-key-file"),
		...leftToRke2("1.2.23", "etcd-certfile", "etcd-keyfile"),
		...leftToRke2("1.2.24", "tls-cert-file", "tls-private-key-file"),
		...leftToRke2("1.2.25", "client-ca-file"),
		...leftToRke2("1.2.26", "etcd-cafile"),
		...(["1.2.23", "1.2.26"] as const).flatMap((control) =>
			leftToRke2(control, "etcd-servers", "etcd-servers-overrides"),
		),
		...leftToRke2("1.2.27", "encryption-provider-config"),
		among("1.2.29", "tls-cipher-suites", strongCiphers),
		only("1.2.30", "service-account-extend-token-expiration", "false"),
	],
);

function includes(control: ControlId, mode: string): ArgumentLimit {
	return {
		control,
		argument: "authorization-mode",
		allowed: `one with ${mode}`,
		permits: (found) => modes(found).includes(mode),
	};
}

function modes(value: string): string[] {
	return value.split(",").map((mode) => mode.trim());
}
