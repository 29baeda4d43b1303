import { addArgument } from "../../lib/examples/nodes.ts";
import {
	argumentRule,
	betaFeatureStaysOn,
	leftToRke2,
	only,
	positiveDuration,
} from "../../lib/rke2/component-arguments.ts";

/** RKE2 starts the kubelet hardened. Each of these arguments could undo a part of that. */
export const rke2KubeletArguments = argumentRule(
	{
		name: "rke2-kubelet-arguments",
		description: "No argument of the kubelet undoes a setting that RKE2 hardens.",
		severity: "high",
		frameworks: { cisControls: ["4.1", "4.8"], iso27001: ["A.8.2", "A.8.9"], nist80053: ["AC-3", "CM-6", "CM-7"] },
		remediation: "Remove the argument from `kubelet-arg` on every node, or give it the allowed value.",
		url: "https://docs.rke2.io/security/cis_self_assessment112",
		examples: [
			{
				change: "kubelet-arg: read-only-port=10255",
				apply: addArgument("kubelet-arg", "read-only-port=10255"),
				sentence:
					"The RKE2 configuration in proj-k8sm01-converge sets read-only-port in kubelet-arg; the only allowed value is 0 (control 4.2.4).",
			},
		],
	},
	"kubelet-arg",
	[
		only("4.2.1", "anonymous-auth", "false"),
		only("4.2.2", "authorization-mode", "Webhook"),
		...leftToRke2("4.2.3", "client-ca-file"),
		only("4.2.4", "read-only-port", "0"),
		positiveDuration("4.2.5", "streaming-connection-idle-timeout"),
		only("4.2.6", "make-iptables-util-chains", "true"),
		{
			control: "4.2.8",
			argument: "event-qps",
			allowed: "0, which is no limit, or 5 or more",
			permits: (found) => Number(found) === 0 || Number(found) >= 5,
		},
		...leftToRke2("4.2.9", "tls-cert-file", "tls-private-key-file"),
		only("4.2.10", "rotate-certificates", "true"),
		only("4.2.11", "rotate-server-certificates", "true"),
		betaFeatureStaysOn("4.2.11", "RotateKubeletServerCertificate"),
		// A file would set all of this again, where no rule reads it.
		...leftToRke2(undefined, "config", "config-dir"),
		// Sources of pods that no rule reads.
		...leftToRke2(undefined, "pod-manifest-path", "manifest-url"),
	],
);
