import { describe, expect, test } from "vitest";
import { CommandStack, type Commands, note, urnOf } from "./harness.ts";
import { textsUnder } from "./state-files.ts";

// The CLI needs a few seconds for each operation.
const none = { create: 0, update: 0, replace: 0, delete: 0, same: 0 };
/** The stack's own resource is counted too. */
const stackItself = 1;

describe("operations", () => {
	test("creates a resource after its dependencies, and then a preview is empty", async () => {
		const stack = new CommandStack();
		const commands: Commands = {
			first: { create: `sleep 0.3; ${note("first")}; echo out` },
			alone: { create: note("alone") },
			reader: { create: `cat; ${note("reader")}`, stdinFrom: "first" },
			last: { create: note("last"), dependsOn: ["reader"], inside: "group" },
		};
		const preview = await stack.preview(commands);
		expect(preview.succeeded).toBe(true);
		expect(preview.changes).toEqual({ ...none, create: 5 + stackItself });
		expect(stack.takeNotes()).toEqual([]);

		const up = await stack.up(commands);
		expect(up.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
		expect(up.changes).toEqual({ ...none, create: 5 + stackItself });
		expect(stack.takeNotes()).toEqual(["alone", "first", "reader", "last"]);
		expect(await stack.outputs()).toMatchObject({ first: { value: "out" }, reader: { value: "out", secret: false } });

		expect((await stack.preview(commands)).changes).toEqual({ ...none, same: 5 + stackItself });
		expect((await stack.up(commands)).changes).toEqual({ ...none, same: 5 + stackItself });
		expect(stack.takeNotes()).toEqual([]);
	});

	test("updates a changed resource and the readers of its output", async () => {
		const stack = new CommandStack();
		const commands = (create: string): Commands => ({
			source: { create, update: `${note("update source")}; ${create}` },
			reader: { create: "cat", stdinFrom: "source" },
			bystander: { create: note("bystander"), dependsOn: ["reader"] },
		});
		await stack.up(commands("echo one"));
		stack.takeNotes();
		// The reader's input is unknown until the source has run: the preview has to expect a change.
		expect((await stack.preview(commands("echo two"))).changes).toEqual({
			...none,
			update: 2,
			same: 1 + stackItself,
		});
		expect((await stack.up(commands("echo two"))).changes).toEqual({ ...none, update: 2, same: 1 + stackItself });
		expect(stack.takeNotes()).toEqual(["update source"]);
		expect(await stack.outputs()).toMatchObject({ source: { value: "two" }, reader: { value: "two" } });
	});

	test("creates the replacement first and deletes the old one last", async () => {
		const stack = new CommandStack();
		const commands = (trigger: string): Commands => ({
			replaced: { create: note(`create ${trigger}`), delete: note(`delete ${trigger}`), triggers: [trigger] },
			later: { create: note("later"), update: note("update later"), triggers: [], dependsOn: ["replaced"] },
		});
		await stack.up(commands("1"));
		stack.takeNotes();
		expect((await stack.preview(commands("2"))).changes).toEqual({ ...none, replace: 1, same: 1 + stackItself });
		const up = await stack.up(commands("2"));
		expect(up.changes).toEqual({ ...none, replace: 1, same: 1 + stackItself });
		expect(up.steps.filter(({ urn }) => urn === urnOf("replaced")).map(({ operation }) => operation)).toEqual([
			"replace",
		]);
		expect(stack.takeNotes()).toEqual(["create 2", "delete 1"]);
	});

	test("deletes first when a replacement requires it, beginning with the readers of its output", async () => {
		const stack = new CommandStack();
		const commands = (trigger: string): Commands => ({
			replaced: {
				create: `${note(`create ${trigger}`)}; echo ${trigger}`,
				delete: note(`delete ${trigger}`),
				triggers: [trigger],
				options: { deleteBeforeReplace: true },
			},
			// Replaced when its input changes: it has to go before what it reads from.
			reader: {
				create: note(`reader ${trigger}`),
				delete: note(`delete reader ${trigger}`),
				stdinFrom: "replaced",
				options: { replaceOnChanges: ["stdin"] },
			},
		});
		await stack.up(commands("1"));
		stack.takeNotes();
		expect((await stack.up(commands("2"))).changes).toEqual({ ...none, replace: 2, same: stackItself });
		expect(stack.takeNotes()).toEqual(["delete reader 1", "delete 1", "create 2", "reader 2"]);
	});

	test("ignores changes that it is told to ignore", async () => {
		const stack = new CommandStack();
		const commands = (create: string): Commands => ({ pinned: { create, options: { ignoreChanges: ["create"] } } });
		await stack.up(commands("echo one"));
		expect((await stack.preview(commands("echo two"))).changes).toEqual({ ...none, same: 1 + stackItself });
	});

	test("finds a renamed resource by its alias", async () => {
		const stack = new CommandStack();
		await stack.up({ old: { create: note("create"), delete: note("delete") } });
		const renamed: Commands = { fresh: { create: note("create"), delete: note("delete"), alias: "old" } };
		expect((await stack.up(renamed)).changes).toEqual({ ...none, same: 1 + stackItself });
		expect(stack.takeNotes()).toEqual(["create"]);
		expect((await stack.preview(renamed)).changes).toEqual({ ...none, same: 1 + stackItself });
	});

	test("deletes resources that the program no longer has, dependents first, and then all", async () => {
		const stack = new CommandStack();
		const command = (name: string, more: Commands[string] | object = {}) => ({
			create: "true",
			delete: note(`delete ${name}`),
			...more,
		});
		const commands: Commands = {
			base: command("base"),
			middle: command("middle", { stdinFrom: "base" }),
			top: command("top", { dependsOn: ["middle"] }),
			leaver: command("leaver", { dependsOn: ["middle"] }),
			friend: command("friend", { dependsOn: ["leaver"] }),
			kept: command("kept", { options: { retainOnDelete: true } }),
			passenger: command("passenger", { deletedWith: "base" }),
		};
		await stack.up(commands);
		const { leaver, friend, ...others } = commands;
		expect((await stack.preview(others)).changes).toMatchObject({ delete: 2 });
		expect((await stack.up(others)).changes).toEqual({ ...none, delete: 2, same: 5 + stackItself });
		expect(stack.takeNotes()).toEqual(["delete friend", "delete leaver"]);

		const destroyed = await stack.destroy();
		expect(destroyed.succeeded).toBe(true);
		expect(destroyed.changes).toEqual({ ...none, delete: 5 + stackItself });
		expect(stack.takeNotes()).toEqual(["delete top", "delete middle", "delete base"]);
		expect(await stack.outputs()).toEqual({});
	});

	test("refuses to delete or replace a protected resource, and changes nothing", async () => {
		const stack = new CommandStack();
		const commands = (trigger: string): Commands => ({
			safe: { create: note("create"), delete: note("delete"), triggers: [trigger], options: { protect: true } },
			other: { create: note("other"), delete: note("delete other"), dependsOn: ["safe"] },
		});
		await stack.up(commands("1"));
		stack.takeNotes();
		for (const attempt of [() => stack.preview(commands("2")), () => stack.up(commands("2")), () => stack.destroy()]) {
			const refused = await attempt();
			expect(refused.succeeded).toBe(false);
			expect(
				refused.diagnostics
					.filter(({ severity }) => severity === "error")
					.map(({ message }) => message)
					.join(),
			).toMatch(/safe.*protect/s);
		}
		expect(stack.takeNotes()).toEqual([]);
		expect((await stack.preview(commands("1"))).changes).toEqual({ ...none, same: 2 + stackItself });
	});

	test("names a failed resource, skips its dependents, and continues in the next run", async () => {
		const stack = new CommandStack();
		const commands = (broken: string): Commands => ({
			broken: { create: `sleep 0.3; ${broken}` },
			needy: { create: note("needy"), dependsOn: ["broken"] },
			slow: { create: `sleep 1; ${note("slow")}` },
		});
		const failed = await stack.up(commands("echo it broke >&2; exit 3"));
		expect(failed.succeeded).toBe(false);
		expect(failed.diagnostics).toContainEqual(
			expect.objectContaining({
				severity: "error",
				urn: urnOf("broken"),
				message: expect.stringContaining("it broke"),
			}),
		);
		expect(failed.steps).toContainEqual(expect.objectContaining({ urn: urnOf("broken"), phase: "failed" }));
		// The engine finishes an operation that has begun, and records it.
		expect(stack.takeNotes()).toEqual(["slow"]);

		const up = await stack.up(commands("true"));
		expect(up.succeeded).toBe(true);
		expect(up.changes).toEqual({ ...none, create: 2, same: 1 + stackItself });
		expect(stack.takeNotes()).toEqual(["needy"]);
	});

	test("calls a hook with the old inputs before it creates or updates", async () => {
		const stack = new CommandStack();
		const commands = (create: string, hook: Commands[string]["hook"]): Commands => ({
			// The engine calls no hook for a resource without a change.
			same: { create: "true", hook: { onDryRun: true } },
			asked: { create, secretStdin: "hush-hush", dependsOn: ["same"], hook },
			last: { create, dependsOn: ["asked"] },
		});
		// In a preview only the hook is called that asks for it.
		await stack.preview(commands("echo one", {}));
		expect(stack.takeNotes()).toEqual(["same: nothing becomes true"]);
		await stack.up(commands("echo one", {}));
		expect(stack.takeNotes()).toEqual(["same: nothing becomes true", "asked: nothing becomes echo one with a secret"]);

		const refusing = { onDryRun: true, refuses: "two is too many" };
		for (const attempt of ["preview", "up"] as const) {
			const refused = await stack[attempt](commands("echo two", refusing));
			expect(refused.succeeded).toBe(false);
			// The CLI closes with an error of its own that names no resource.
			expect(refused.diagnostics.filter(({ severity, urn }) => severity === "error" && urn)).toEqual([
				expect.objectContaining({
					urn: urnOf("asked"),
					message: expect.stringContaining('before hook "asked-hook" failed: two is too many'),
				}),
			]);
			expect(refused.changes).toMatchObject({ create: 0, update: 0 });
			expect(stack.takeNotes()).toEqual(["asked: echo one with a secret becomes echo two with a secret"]);
		}

		const grumbled = await stack.up(commands("echo two", { ...refusing, ignoreErrors: true }));
		expect(grumbled.succeeded).toBe(true);
		expect(grumbled.changes).toEqual({ ...none, update: 2, same: 1 + stackItself });
		expect(grumbled.diagnostics).toContainEqual(
			expect.objectContaining({ severity: "warning", message: expect.stringContaining("two is too many") }),
		);
	});

	test("keeps secrets out of the files it writes", async () => {
		const stack = new CommandStack();
		await stack.up({
			quiet: { create: "cat", secretStdin: "hush-hush", options: { additionalSecretOutputs: ["stdout"] } },
		});
		expect(await stack.outputs()).toEqual({ quiet: { value: "hush-hush", secret: true } });
		const texts = [...textsUnder(stack.directory)];
		expect(texts.filter(([, text]) => text.includes("command:local:Command")).length).toBeGreaterThan(0);
		expect(texts.filter(([, text]) => text.includes("hush-hush"))).toEqual([]);
	});
});
