import { addArgument } from "../../lib/examples/nodes.ts";
import { argumentRule, atLeast, betaFeatureStaysOn, leftToRke2, only } from "../../lib/rke2/component-arguments.ts";

/** RKE2 starts the controller manager hardened. Each of these arguments could undo a part of that. */
export const rke2ControllerManagerArguments = argumentRule(
	{
		name: "rke2-controller-manager-arguments",
		description: "No argument of the controller manager undoes a setting that RKE2 hardens.",
		severity: "high",
		frameworks: { cisControls: ["4.1", "5.4"], iso27001: ["A.8.2", "A.8.9"], nist80053: ["AC-6", "CM-6"] },
		remediation:
			"Remove the argument from `kube-controller-manager-arg` on every server, or give it the allowed value.",
		url: "https://docs.rke2.io/security/cis_self_assessment112",
		examples: [
			{
				change: "kube-controller-manager-arg: bind-address=0.0.0.0",
				apply: addArgument("kube-controller-manager-arg", "bind-address=0.0.0.0"),
				sentence:
					"The RKE2 configuration in proj-k8sm01-converge sets bind-address in kube-controller-manager-arg; the only allowed value is 127.0.0.1 (control 1.3.7).",
			},
		],
	},
	"kube-controller-manager-arg",
	[
		atLeast("1.3.1", "terminated-pod-gc-threshold", 1),
		only("1.3.2", "profiling", "false"),
		only("1.3.3", "use-service-account-credentials", "true"),
		...leftToRke2("1.3.4", "service-account-private-key-file"),
		...leftToRke2("1.3.5", "root-ca-file"),
		betaFeatureStaysOn("1.3.6", "RotateKubeletServerCertificate"),
		only("1.3.7", "bind-address", "127.0.0.1"),
	],
);
