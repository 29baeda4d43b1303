import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { renderConfig } from "../../../../src/rke2/render-config.ts";

describe("the renderer", () => {
	test.each([
		["server", "flannel-backend"],
		["server", "cluster-init"],
		["server", "profle"],
		["server", "secrets-encryption"],
		["agent", "tls-san"],
		["agent", "cni"],
		["agent", "write-kubeconfig-mode"],
	] as const)("refuses what an RKE2 %s does not know: %s", (role, key) => {
		expect(() => renderConfig(role, { profile: "cis", [key]: "x" })).toThrow(
			`${key}: not in the configuration of an RKE2 ${role}`,
		);
	});

	test("writes the same text for every order of the keys", () => {
		const values = { profile: "cis", "node-ip": "10.25.20.4", debug: true };
		const reversed = Object.fromEntries(Object.entries(values).reverse());
		expect(renderConfig("agent", reversed)).toBe(renderConfig("agent", values));
	});

	test("writes any text so that YAML 1.1 reads it back", () => {
		const awkward = fc.constantFrom("0600", "yes", "off", "1:30", "0x10", "~", "null", "1_000", "=", "2026-11-21", "y");
		fc.assert(
			fc.property(fc.array(fc.oneof(awkward, fc.string())), fc.oneof(awkward, fc.string()), (list, text) => {
				const values = { "node-label": list, profile: text };
				expect(parse(renderConfig("agent", values), { version: "1.1" })).toEqual(values);
			}),
		);
	});
});
