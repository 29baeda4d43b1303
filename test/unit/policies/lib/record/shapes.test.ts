import { UnknownValueError, unknownCheckingProxy } from "@pulumi/policy";
import { unknownValue } from "@pulumi/pulumi/runtime/rpc.js";
import { describe, expect, test } from "vitest";
import { deviationsFrom, type Shape } from "../../../../../policies/lib/record/shapes.ts";

function faults(shape: Shape, value: unknown): string[] {
	return deviationsFrom(shape, value).map(({ path, fault }) => `${path.join(".")}: ${fault}`);
}

describe("deviationsFrom accepts", () => {
	test.each<[what: string, shape: Shape, value: unknown]>([
		["a constant", { a: "x", b: 1, c: false }, { a: "x", b: 1, c: false }],
		["a value for a placeholder", { a: "https://<address>:6443" }, { a: "https://10.1.2.3:6443" }],
		["a number for a placeholder", { a: "<number>" }, { a: 7 }],
		["a member that may be absent", { "a?": 1 }, {}],
		["a name of a member by its placeholder", { "<name>?": "true" }, { gpu: "true" }],
		["a list in any order", { $all: ["a"], $each: ["b", "c"] }, ["c", "a"]],
		["one of several", { $any: ["a", { b: 1 }] }, { b: 1 }],
	])("%s", (_, shape, value) => {
		expect(faults(shape, value)).toEqual([]);
	});

	test("an output that is unknown, in a member and in a list", () => {
		const value = unknownCheckingProxy({ a: unknownValue, b: [unknownValue] });
		expect(faults({ a: { $output: "<name>" }, b: [{ $output: "<name>" }] }, value)).toEqual([]);
	});
});

describe("deviationsFrom refuses", () => {
	test.each<[what: string, shape: Shape, value: unknown, ...faults: string[]]>([
		["another value", { a: "x" }, { a: "y" }, "a: another value"],
		["another type", { a: 1 }, { a: "1" }, "a: another value"],
		["a number below zero", { a: "<number>" }, { a: -7 }, "a: another value"],
		["a member that it does not have", { a: 1 }, { a: 1, b: 2 }, "b: not known"],
		["a missing member", { a: 1, b: { c: 2 } }, { a: 1 }, "b: missing"],
		["a missing element", { $all: ["a"], $each: ["b"] }, ["b"], ": missing"],
		["an empty list", { $each: ["a"], $least: 1 }, [], ": missing"],
		["an element that it does not have", { $each: ["b"] }, ["b", "d"], "1: another value"],
		["a longer list", ["a"], ["a", "b"], "1: not known"],
		["a shorter list", ["a", "b"], ["a"], "1: missing"],
		["another order", ["a", "b"], ["b", "a"], "0: another value", "1: another value"],
		["a part of the nearest element", { $each: [{ a: 1, b: 2 }, "x"] }, [{ a: 1, b: 3 }], "0.b: another value"],
		["a value for an output", { a: { $output: "<name>" } }, { a: "two words" }, "a: another value"],
		["null", { a: "x" }, { a: null }, "a: another value"],
	])("%s", (_, shape, value, ...expected) => {
		expect(faults(shape, value)).toEqual(expected);
	});

	test("a value that is unknown although the record has it", () => {
		const value = unknownCheckingProxy({ a: unknownValue });
		expect(() => faults({ a: "x" }, value)).toThrow(UnknownValueError);
	});
});
