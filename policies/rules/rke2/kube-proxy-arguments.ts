import { argumentRule, leftToRke2 } from "../../lib/rke2/component-arguments.ts";

/** Metrics tell which Services exist and how they are used; nobody needs them from another machine. */
export const rke2KubeProxyArguments = argumentRule(
	{
		name: "rke2-kube-proxy-arguments",
		description: "No argument of kube-proxy opens its metrics to the network.",
		severity: "medium",
		evidence: { cisControls: ["4.8"], iso27001: ["A.8.9", "A.8.20"], nist80053: ["CM-7", "SC-7"] },
		remediation: "Remove `metrics-bind-address` from `kube-proxy-arg` on every node.",
		url: "https://docs.rke2.io/security/cis_self_assessment112",
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
