import { expect, test } from "vitest";
import { warnings } from "../../../src/config/warnings.ts";
import { labStack } from "../../fixtures/lab.ts";

const said = (version: string): string[] =>
	warnings(labStack({ cluster: { version } }))
		.filter(({ key }) => key === "cluster.version")
		.map(({ message }) => message);

test("a minor that nobody has compared the program with is accepted with a warning that says what to do", () => {
	expect(said("v1.37.0+rke2r1")).toEqual([
		"v1.37.0+rke2r1 is newer than 1.36, the last minor that this program was compared with; RKE2 starts without a setting that it no longer knows, so compare src/rke2/keys.ts with its release notes, and then set src/config/rke2-minors.ts.",
	]);
	expect(said("v2.0.0+rke2r1")).toHaveLength(1);
	expect(said("v1.36.9+rke2r2")).toEqual([]);
});
