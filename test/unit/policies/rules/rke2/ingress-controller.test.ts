import { expect, test } from "vitest";
import { rke2IngressController } from "../../../../../policies/rules/rke2/ingress-controller.ts";
import { agentConfig, serverConfig } from "../../bundle.ts";
import { violations } from "../../run-rule.ts";

test.each(["ingress-controller: none\n", "ingress-controller:\n  - none\n"])("%j passes on a server", (content) => {
	expect(violations(rke2IngressController, serverConfig(content))).toEqual([]);
});

test("an agent passes without the key, which is a server's", () => {
	expect(violations(rke2IngressController, agentConfig("profile: cis\n"))).toEqual([]);
});

test("a server without the key is refused, even with the bundled chart disabled", () => {
	expect(violations(rke2IngressController, serverConfig("disable: [rke2-ingress-nginx]\n"))).toEqual([
		"The RKE2 configuration in proj-k8sm01-converge has ingress-controller: nothing; the only allowed value is none.",
	]);
});

test("a bundled controller is refused", () => {
	expect(violations(rke2IngressController, serverConfig("ingress-controller: traefik\n"))).toEqual([
		"The RKE2 configuration in proj-k8sm01-converge has ingress-controller: traefik; the only allowed value is none.",
	]);
});
