/** The changes that the record lets the program ignore are those that it ignores, and no others. */
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { toResource } from "../../../../../compliance/evaluation/evaluate-stack.ts";
import { previewStack } from "../../../../../compliance/evaluation/preview.ts";
import { existingOutputs } from "../../../../../compliance/record/outputs.ts";
import { fixedStacks } from "../../../../../compliance/record/stacks.ts";
import { unknownIgnoredChanges } from "../../../../../policies/lib/record/ignored-changes.ts";
import type { Resource } from "../../../../../policies/lib/rules/resource.ts";
import { nodeStepOf } from "../../../../../src/facts/resource-names.ts";

// The program prints the warnings of the check, once for each stack.
beforeAll(() => {
	for (const method of ["warn", "error"] as const) {
		vi.spyOn(console, method).mockReturnValue(undefined);
	}
});
afterAll(() => {
	vi.restoreAllMocks();
});

/** Stack files that have every step on a node together. switches.test.ts puts all stack files to all policies. */
const withEveryStep = ["everything", "keepalived, WireGuard, NodePort", "names and ports for SSH, a restore"];

const everyPath = [
	"*",
	"connection",
	"create",
	"disks[0].speed",
	"initialization",
	"logging",
	"spec",
	"stdin",
	"triggers",
];

function kindOf({ type, name }: Resource): string {
	const step = name === "cluster-seed-token" ? "seed-token" : nodeStepOf(name);
	return [type.split(":").at(-1), ...(type === "command:remote:Command" ? [step] : [])].join(" ");
}

test("the record knows the ignored changes of the program, and nothing else", { timeout: 120_000 }, async () => {
	const declared = new Map<string, Set<string>>();
	const known = new Map<string, Set<string>>();
	const add = (map: Map<string, Set<string>>, kind: string, paths: readonly string[]) =>
		map.set(kind, new Set([...(map.get(kind) ?? []), ...paths]));
	const asked = fixedStacks().filter(({ name }) => withEveryStep.includes(name));
	expect(asked).toHaveLength(withEveryStep.length);
	for (const { name, values, secrets } of asked) {
		const resources = (await previewStack(values, secrets, existingOutputs())).map(toResource);
		for (const resource of resources) {
			expect(unknownIgnoredChanges(resource), `${name}: ${resource.name}`).toEqual([]);
			const opts = { ignoreChanges: everyPath, protect: false };
			const refused = unknownIgnoredChanges({ ...resource, opts });
			add(declared, kindOf(resource), resource.opts.ignoreChanges);
			add(
				known,
				kindOf(resource),
				everyPath.filter((path) => !refused.includes(path)),
			);
		}
	}
	declared.get("VmLegacy")?.delete("disks[1].speed");
	const sorted = (map: Map<string, Set<string>>) =>
		Object.fromEntries([...map].map(([kind, paths]) => [kind, [...paths].sort()]));
	expect(sorted(known)).toEqual(sorted(declared));
});
