import { addArgument } from "../../lib/examples/nodes.ts";
import { argumentRule, leftToRke2 } from "../../lib/rke2/component-arguments.ts";

/** Metrics show which Services exist and how they are used. No other machine needs them. */
export const rke2KubeProxyArguments = argumentRule(
	{
		name: "rke2-kube-proxy-arguments",
		description: "No argument of kube-proxy opens its metrics to the network.",
		severity: "medium",
		frameworks: { cisControls: ["4.8"], iso27001: ["A.8.9", "A.8.20"], nist80053: ["CM-7", "SC-7"] },
		remediation: "Remove `metrics-bind-address` from `kube-proxy-arg` on every node.",
		url: "https://docs.rke2.io/security/cis_self_assessment112",
		examples: [
			{
				change: "kube-proxy-arg: metrics-bind-address=0.0.0.0:10249",
				apply: addArgument("kube-proxy-arg", "metrics-bind-address=0.0.0.0:10249"),
				sentence:
					"The RKE2 configuration in proj-k8sm01-converge sets metrics-bind-address in kube-proxy-arg; the only allowed value is 127.0.0.1, with or without a port (control 4.3.1).",
			},
		],
	},
	"kube-proxy-arg",
	[
		{
			control: "4.3.1",
			argument: "metrics-bind-address",
			allowed: "127.0.0.1, with or without a port",
			permits: (found) => /^127\.0\.0\.1(:\d+)?$/.test(found),
		},
		...leftToRke2("4.3.1", "config"),
	],
);
