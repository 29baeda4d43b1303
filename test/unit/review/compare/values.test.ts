import { describe, expect, test } from "vitest";
import { changesIn } from "../../../../review/compare/values.ts";
import { renderBundle } from "../../../../src/rke2/bundle.ts";

const bundle = (config: string, extra: string[] = []) =>
	renderBundle([
		{ path: "/etc/rancher/rke2/config.yaml", mode: "0600", owner: "root:root", content: config },
		...extra.map((path) => ({ path, mode: "0644", owner: "root:root", content: "a\nb\n" })),
	]);

describe("changesIn", () => {
	test("gives the path, the old and the new value of each property", () => {
		expect(changesIn({ a: { b: 1, c: [1, 2] }, d: "x" }, { a: { b: 2, c: [2, 3] }, e: true })).toEqual([
			{ path: "a.b", old: "1", new: "2" },
			{ path: "a.c", old: "1" },
			{ path: "a.c", new: "3" },
			{ path: "d", old: "x" },
			{ path: "e", new: "true" },
		]);
	});

	test("gives no value of a secret, wherever it is", () => {
		expect(changesIn({ token: { secret: "1" } }, { token: { secret: "2" } })).toEqual([
			{ path: "token", secret: true },
		]);
		expect(changesIn({}, { list: [{ key: { secret: "1" } }] })).toEqual([
			{ path: "list", new: '[{"key":"(secret)"}]' },
		]);
	});

	test("compares members of equally long lists of maps by their place", () => {
		expect(changesIn({ disks: [{ size: 1 }, { size: 2 }] }, { disks: [{ size: 1 }, { size: 3 }] })).toEqual([
			{ path: "disks[1].size", old: "2", new: "3" },
		]);
		expect(changesIn({ list: [1, 2] }, { list: [2, 1] })).toEqual([{ path: "list", old: "[1,2]", new: "[2,1]" }]);
	});

	test("reads bundles as files, and config.yaml by its keys", () => {
		expect(changesIn(bundle("a: 1\nb: 2\n", ["/etc/old"]), bundle("a: 1\nb: 3\n", ["/etc/new"]), "stdin")).toEqual([
			{ path: "/etc/new", new: "a\nb\n" },
			{ path: "/etc/old", old: "a\nb\n" },
			{ path: "/etc/rancher/rke2/config.yaml b", old: "2", new: "3" },
		]);
	});

	test("gives the lines of a text that only one side has", () => {
		expect(changesIn("a\nb\nb\n", "a\nb\nc\n", "text")).toEqual([{ path: "text", old: "b\n", new: "c\n" }]);
		expect(changesIn("a\nb\n", "b\na\n", "text")).toEqual([
			{ path: "text", old: "lines in another order", new: "lines in another order" },
		]);
	});

	test("gives the arguments of a script that changed", () => {
		expect(changesIn("sudo /lib/converge.sh node 32", "sudo /lib/converge.sh node 24", "create")).toEqual([
			{ path: "converge.sh, argument 2", old: "32", new: "24" },
		]);
		expect(changesIn("sudo /lib/converge.sh a", "sudo /lib/converge.sh a b", "create")).toEqual([
			{ path: "converge.sh, arguments", new: "b" },
		]);
	});
});
