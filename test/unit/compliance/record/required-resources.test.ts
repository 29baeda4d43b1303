/** What no stack file does without. */
import { expect, test } from "vitest";
import { type DeclaredNames, requiredIn } from "../../../../compliance/record/required-resources.ts";

const namespace = "kubernetes:core/v1:Namespace";

/** @param names of resources by their type */
function preview(nodes: string[], names: Record<string, string[]>): DeclaredNames {
	const stack = { nodes: Object.fromEntries(nodes.map((name) => [name, {}])) } as unknown as DeclaredNames["stack"];
	const resources = Object.entries(names).flatMap(([type, own]) => own.map((name) => ({ type, name })));
	return { stack, resources };
}

test("what every stack file declares is required, for the stack, each machine and each namespace", () => {
	const required = requiredIn([
		preview(["a", "b"], {
			...{ provider: ["one", "two"], "rke2-lab:x": ["group"], vm: ["a", "b"], step: ["a-join", "b-join", "a-seed"] },
			...{ [namespace]: ["traefik", "app"], deny: ["traefik-deny", "app-deny"], quota: ["app-quota"] },
		}),
		preview(["c"], {
			...{ provider: ["one"], "rke2-lab:x": ["group"], vm: ["c"], step: ["c-join"] },
			...{ [namespace]: ["traefik", "web"], deny: ["traefik-deny", "web-deny"], quota: ["web-quota"] },
		}),
	]);
	expect(required).toEqual({
		always: ["deny traefik-deny", `${namespace} traefik`, "provider one"],
		machine: ["step <name>-join", "vm <name>"],
		platform: ["deny <name>-deny", `${namespace} <name>`],
		workload: ["deny <name>-deny", `${namespace} <name>`, "quota <name>-quota"],
	});
});
