import { describe, expect, test } from "vitest";
import { brokenPolicyPack, CommandStack, type Commands, note, policyPack, urnOf } from "./harness.ts";

describe("policies", () => {
	test("a mandatory violation fails the preview and prevents the update", async () => {
		const stack = new CommandStack(policyPack);
		const commands: Commands = {
			bad: { create: `rm -f nothing; ${note("bad")}` },
			loud: { create: "cat", secretStdin: "HELLO" },
		};
		const preview = await stack.preview(commands);
		expect(preview.succeeded).toBe(false);
		expect(preview.policies.violations).toContainEqual({
			policy: "no-rm",
			level: "mandatory",
			urn: urnOf("bad"),
			message: expect.stringContaining("The command removes files."),
		});
		expect(preview.policies.violations).toContainEqual(
			expect.objectContaining({ policy: "no-shouting", level: "advisory", urn: urnOf("loud") }),
		);

		const up = await stack.up(commands);
		expect(up.succeeded).toBe(false);
		expect(up.steps.some(({ urn }) => urn === urnOf("bad"))).toBe(false);
		expect(stack.takeNotes()).toEqual([]);
	});

	test("a policy is skipped in a preview when it reads an unknown value, and evaluated in the update", async () => {
		const stack = new CommandStack(policyPack);
		const commands: Commands = {
			source: { create: "echo SHOUTING" },
			reader: { create: "cat", stdinFrom: "source" },
		};
		const preview = await stack.preview(commands);
		expect(preview.succeeded).toBe(true);
		expect(preview.policies.skipped).toEqual([
			{ policy: "no-shouting", urn: urnOf("reader"), message: expect.stringMatching(/^can't run policy/) },
		]);
		const up = await stack.up(commands);
		expect(up.succeeded).toBe(true);
		expect(up.policies.skipped).toEqual([]);
		expect(up.policies.violations).toContainEqual(expect.objectContaining({ policy: "no-shouting" }));
		expect(up.policies.violations).toContainEqual(
			expect.objectContaining({
				policy: "one-command",
				message: expect.stringContaining("The stack has 2 commands."),
			}),
		);
	});

	test("an operation fails before any change when the pack cannot be loaded", async () => {
		const stack = new CommandStack(brokenPolicyPack);
		const up = await stack.up({ any: { create: note("any") } });
		expect(up.succeeded).toBe(false);
		expect(up.diagnostics.some(({ severity }) => severity === "error")).toBe(true);
		expect(up.diagnostics.map(({ message }) => message).join(" ")).toContain("NoSuchThing");
		expect(stack.takeNotes()).toEqual([]);
	});

	test("the engine counts evaluated resources and applies remediations", async () => {
		const stack = new CommandStack(policyPack);
		const up = await stack.up({ greeting: { create: "echo give" } });
		expect(up.succeeded).toBe(true);
		// The stack itself is a resource too.
		expect(up.policies.evaluated).toBe(2);
		expect(await stack.outputs()).toMatchObject({ greeting: { value: "please give" } });
	});
});
