import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseBundle, renderBundle } from "../../../../src/rke2/bundle.ts";

const content = fc
	.array(
		fc.oneof(fc.string(), fc.constantFrom("", "|", "| x", "file /etc/passwd 0644 root:root", " indented", "tab\t")),
	)
	.map((lines) => lines.map((line) => `${line.replaceAll(/[\n\0]/g, "")}\n`).join(""));
const file = fc.record({
	path: fc.stringMatching(/^(?:\/[a-z0-9_+-][a-z0-9._+-]{0,9}){1,4}$/),
	mode: fc.constantFrom("0600", "0644", "0755"),
	owner: fc.constantFrom("root:root", "etcd:etcd"),
	content,
});

describe("a bundle", () => {
	test("is text that a person can read", () => {
		const files = [
			{
				path: "/etc/rancher/rke2/config.yaml",
				mode: "0600",
				owner: "root:root",
				content: "profile: cis\n\ndebug: true\n",
			},
			{ path: "/etc/empty", mode: "0644", owner: "root:root", content: "" },
		];
		expect(renderBundle(files)).toBe(
			"file /etc/rancher/rke2/config.yaml 0600 root:root\n| profile: cis\n|\n| debug: true\n\nfile /etc/empty 0644 root:root\n",
		);
	});

	test("parses to the files that it was rendered from", () => {
		fc.assert(
			fc.property(fc.array(file), (files) => {
				expect(parseBundle(renderBundle(files))).toEqual(files);
			}),
		);
	});

	test.each([
		["a relative path", { path: "etc/config.yaml" }, "etc/config.yaml 0600 root:root"],
		["a path with a blank", { path: "/etc/my config" }, "/etc/my config 0600 root:root"],
		["a path with an empty part", { path: "/etc//config.yaml" }, "/etc//config.yaml 0600 root:root"],
		["a path of a directory", { path: "/etc/rancher/" }, "/etc/rancher/ 0600 root:root"],
		["a path that stays where it is", { path: "/etc/./config.yaml" }, "/etc/./config.yaml 0600 root:root"],
		["a path that goes back", { path: "/etc/rancher/.." }, "/etc/rancher/.. 0600 root:root"],
		["a mode of three digits", { mode: "600" }, "/etc/config.yaml 600 root:root"],
		["a missing group", { owner: "root" }, "/etc/config.yaml 0600 root"],
		["a last line without an end", { content: "profile: cis" }, "/etc/config.yaml: the last line"],
		["a NUL", { content: "a\0b\n" }, "/etc/config.yaml: the last line"],
		["a carriage return", { content: "# a\rdebug: true\n" }, "/etc/config.yaml: the last line"],
		["a line separator", { content: "# a\u2028debug: true\n" }, "/etc/config.yaml: the last line"],
	])("cannot carry %s", (_, change, message) => {
		const files = [{ path: "/etc/config.yaml", mode: "0600", owner: "root:root", content: "", ...change }];
		expect(() => renderBundle(files)).toThrow(message);
	});

	test.each([
		["| profile: cis\n", "line 1 of the bundle is neither"],
		["file /etc/config.yaml 0600 root:root\nprofile: cis\n", "line 2 of the bundle is neither"],
		["file /etc/config.yaml\n", "line 1 of the bundle must be"],
		["file /etc//config.yaml 0600 root:root\n", "line 1 of the bundle must be"],
		["file /etc/../config.yaml 0600 root:root\n", "line 1 of the bundle must be"],
		["file /etc/config.yaml 0600 root:root\n| profile: cis", "the last line of the bundle must end in a line feed"],
		["file /etc/config.yaml 0600 root:root\n| # a\rdebug: true\n", "line 2 of the bundle has a control character"],
		["file /etc/config.yaml 0600 root:root\n| # a\u0085debug: true\n", "line 2 of the bundle has a control character"],
		["file /etc/config.yaml 0600 root:root\n| # a\u2029debug: true\n", "line 2 of the bundle has a control character"],
	])("is refused when a line makes no sense: %j", (text, message) => {
		expect(() => parseBundle(text)).toThrow(message);
	});
});

describe("on the node, unpack.sh", () => {
	const script = fileURLToPath(new URL("../../../../src/rke2/scripts/unpack.sh", import.meta.url));
	const [user, group] = ["-un", "-gn"].map((flag) => execFileSync("id", [flag], { encoding: "utf8" }).trim());
	let directory: string;

	beforeEach(() => {
		directory = mkdtempSync(join(tmpdir(), "unpack-"));
	});
	afterEach(() => {
		rmSync(directory, { recursive: true });
	});

	function filesIn(contents: string[]) {
		return contents.map((text, index) => ({
			path: join(directory, "new", `${index}`),
			mode: index % 2 === 0 ? "0600" : "0644",
			owner: `${user}:${group}`,
			content: text,
		}));
	}

	test("writes the same bytes and modes as in the bundle, and no other file", () => {
		fc.assert(
			fc.property(fc.array(content, { minLength: 1, maxLength: 4 }), (contents) => {
				const files = filesIn(contents);
				execFileSync("bash", [script], { input: renderBundle(files) });
				for (const { path, mode, content } of files) {
					expect(readFileSync(path, "utf8")).toBe(content);
					expect(statSync(path).mode & 0o777).toBe(Number.parseInt(mode, 8));
				}
				expect(readdirSync(join(directory, "new")).length).toBe(files.length);
				rmSync(join(directory, "new"), { recursive: true });
			}),
			{ numRuns: 20 },
		);
	});

	test.each(["//0", "/./0", "/../new/0", "/0/", "/.."])(
		"refuses a path that a rule would read as another one: new%s",
		(end) => {
			const path = `${join(directory, "new")}${end}`;
			const input = `file ${path} 0600 ${user}:${group}\n| new\n`;
			expect(() => execFileSync("bash", [script], { input, stdio: "pipe" })).toThrow(
				`this path does not name its file in the one way that is read: ${path}`,
			);
			expect(readdirSync(directory)).toEqual([]);
		},
	);

	test("accepts names that begin with dots", () => {
		const path = join(directory, ".d", "..new");
		execFileSync("bash", [script], {
			input: renderBundle([{ path, mode: "0600", owner: `${user}:${group}`, content: "a\n" }]),
		});
		expect(readFileSync(path, "utf8")).toBe("a\n");
	});

	test("precedes its first bundle on the same standard input", () => {
		const files = filesIn(["one\n", "\ntwo\n"]);
		execFileSync("bash", ["-s"], { input: `${readFileSync(script, "utf8")}${renderBundle(files)}` });
		expect(files.map(({ path }) => readFileSync(path, "utf8"))).toEqual(["one\n", "\ntwo\n"]);
	});

	test("writes a last line without a line feed", () => {
		const files = filesIn(["profile: cis\n"]);
		execFileSync("bash", [script], { input: renderBundle(files).trimEnd() });
		expect(readFileSync(files[0]!.path, "utf8")).toBe("profile: cis\n");
	});

	test("keeps the old file when the bundle ends inside the new one", () => {
		const files = filesIn(["old\n"]);
		execFileSync("bash", [script], { input: renderBundle(files) });
		const broken = `${renderBundle(filesIn(["new\n"]))}no content\n`;
		expect(() => execFileSync("bash", [script], { input: broken, stdio: "pipe" })).toThrow(
			"this line belongs to no file: no content",
		);
		expect(readFileSync(files[0]!.path, "utf8")).toBe("old\n");
		expect(readdirSync(join(directory, "new"))).toEqual(["0"]);
	});
});
