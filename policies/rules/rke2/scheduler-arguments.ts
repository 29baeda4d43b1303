import { addArgument } from "../../lib/examples/nodes.ts";
import { argumentRule, leftToRke2, only } from "../../lib/rke2/component-arguments.ts";

/** RKE2 starts the scheduler hardened. Each of these arguments could undo a part of that. */
export const rke2SchedulerArguments = argumentRule(
	{
		name: "rke2-scheduler-arguments",
		description: "No argument of the scheduler undoes a setting that RKE2 hardens.",
		severity: "medium",
		frameworks: { cisControls: ["4.1", "4.8"], iso27001: ["A.8.9"], nist80053: ["CM-6", "CM-7"] },
		remediation: "Remove the argument from `kube-scheduler-arg` on every server, or give it the allowed value.",
		url: "https://docs.rke2.io/security/cis_self_assessment112",
		examples: [
			{
				change: "kube-scheduler-arg: profiling=true",
				apply: addArgument("kube-scheduler-arg", "profiling=true"),
				sentence:
					"The RKE2 configuration in proj-k8sm01-converge sets profiling in kube-scheduler-arg; the only allowed value is false (control 1.4.1).",
			},
		],
	},
	"kube-scheduler-arg",
	[
		only("1.4.1", "profiling", "false"),
		// With a file, the scheduler reads `profiling` from it and ignores the argument.
		...leftToRke2("1.4.1", "config"),
		only("1.4.2", "bind-address", "127.0.0.1"),
	],
);
