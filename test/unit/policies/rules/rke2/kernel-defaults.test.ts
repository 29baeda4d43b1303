import { expect, test } from "vitest";
import { rke2KernelDefaults } from "../../../../../policies/rules/rke2/kernel-defaults.ts";
import { agentConfig } from "../../bundle.ts";
import { violations } from "../../run-rule.ts";

test.each(["profile: cis\n", "protect-kernel-defaults: true\n"])("%j passes", (content) => {
	expect(violations(rke2KernelDefaults, agentConfig(content))).toEqual([]);
});

// RKE2 reads YAML 1.1, where `no` and `off` are false.
test.each(["false", '"false"', "no", "off"])("protect-kernel-defaults: %s is refused", (value) => {
	expect(violations(rke2KernelDefaults, agentConfig(`protect-kernel-defaults: ${value}\n`))).toEqual([
		"The RKE2 configuration in proj-k8sw01-converge turns protect-kernel-defaults off; remove the key.",
	]);
});
