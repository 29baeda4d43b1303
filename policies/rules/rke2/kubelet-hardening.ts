import { controlsIn } from "../../benchmark/index.ts";
import { editFiles, everyNode } from "../../lib/examples/nodes.ts";
import { strongCiphers } from "../../lib/rke2/ciphers.ts";
import { type ArgumentLimit, argumentsOf } from "../../lib/rke2/component-arguments.ts";
import type { ResourceRule } from "../../lib/rules/rule.ts";
import { nodeRule } from "../../lib/rules/subjects.ts";

/** Arguments that neither the kubelet nor the CIS profile sets. */
const required: readonly ArgumentLimit[] = [
	{
		control: "4.2.12",
		argument: "tls-cipher-suites",
		allowed: "a list of strong ciphers only",
		permits: (value) => value.split(",").every((cipher) => strongCiphers.has(cipher)),
	},
	{
		control: "4.2.13",
		argument: "pod-max-pids",
		allowed: "a number above 0",
		permits: (value) => Number(value) > 0,
	},
	{ control: "4.2.14", argument: "seccomp-default", allowed: "true", permits: (value) => value === "true" },
];

/** Without them a pod can exhaust its node's processes, and containers can make any system call. */
const hardening = nodeRule({
	name: "rke2-kubelet-hardening",
	description: "Every kubelet limits processes, filters system calls and offers only strong ciphers.",
	severity: "medium",
	controls: controlsIn(required),
	frameworks: { cisControls: ["3.10", "4.1"], iso27001: ["A.8.9", "A.8.24"], nist80053: ["CM-6", "SC-5", "SC-8"] },
	remediation: "Render the argument with the allowed value into `kubelet-arg` on every node.",
	url: "https://docs.rke2.io/security/cis_self_assessment112",
	examples: [
		{
			change: "kubelets without a limit of processes",
			apply: editFiles(everyNode, "|   - pod-max-pids=4096\n", ""),
			sentence:
				"The RKE2 configuration in proj-k8sm01-converge leaves out pod-max-pids in kubelet-arg; the only allowed value is a number above 0 (control 4.2.13).",
		},
	],

	check(config, report) {
		const given = argumentsOf(config, "kubelet-arg");
		for (const { control, argument, allowed, permits } of required) {
			// The last of repeated arguments counts, but all of them have to comply.
			const values = given.filter(({ name }) => name === argument).map(({ value }) => value);
			if (values.length === 0 || !values.every(permits)) {
				const found = values.length === 0 ? "leaves out" : "has another value for";
				report(`${config.title} ${found} ${argument} in kubelet-arg; the only allowed value is ${allowed}.`, control);
			}
		}
	},
});

export const rke2KubeletHardening: ResourceRule & { limits: readonly ArgumentLimit[] } = {
	...hardening,
	limits: required,
};
