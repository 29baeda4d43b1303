/** Rules about inputs that a command keeps for its life, when a replacement brings others. */
import { expect, test } from "vitest";
import { toResource } from "../../../compliance/evaluation/evaluate-stack.ts";
import { previewStack } from "../../../compliance/evaluation/preview.ts";
import { findViolations } from "../../../policies/lib/rules/evaluate.ts";
import type { Resource } from "../../../policies/lib/rules/resource.ts";
import { rules } from "../../../policies/rules/index.ts";
import { labValues } from "../../fixtures/lab.ts";

const lab = (await previewStack(labValues())).map(toResource);

function foundBy(rule: string, name: string, change: (text: string) => string, more: Partial<Resource>): string[] {
	const changed = lab.map((resource) => {
		if (resource.name !== name) {
			return resource;
		}
		const props = { ...resource.props, stdin: change(String(resource.props.stdin)) };
		return {
			...resource,
			props,
			opts: { ...resource.opts, ignoreChanges: ["connection", "create", "stdin"] },
			...more,
		};
	});
	return findViolations(rules.find((one) => one.name === rule)!, changed).map(({ message }) => message);
}

test.each([
	["program-kubeconfig-server", "cluster-kubeconfig", () => "mallory ops 203.0.113.9 22 ssh-ed25519 AAAA\n"],
	["program-known-resources", "proj-k8sw01-join", (text: string) => text.replace(/^\| server: .*\n/m, "")],
])("%s looks at a replaced %s", (rule, name, change) => {
	const unchanged = foundBy(rule, name, (text) => text, { isReplacement: true });
	expect(foundBy(rule, name, change, { isReplacement: true })).not.toEqual(unchanged);
	expect(unchanged).toEqual(foundBy(rule, name, (text) => text, {}));
});
