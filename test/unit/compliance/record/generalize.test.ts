import { expect, test } from "vitest";
import { generalize } from "../../../../compliance/record/generalize.ts";
import { originsOf } from "../../../../compliance/record/origins.ts";
import { labStack } from "../../../fixtures/lab.ts";

const origins = originsOf(labStack({ ssh: { addresses: { "proj-k8sm01": "nat.lab.internal:2204" } } }));
const textsOf = (...values: string[]) => generalize(values.map((value) => ({ value, origins })));
const commands = ["a", "b", "c", "d"];
const at = (host: string) => commands.map((name) => `${name} ${host}`);

test("a list of texts that is too long loses those that the others stand for, and gets no wider", () => {
	expect(textsOf(...at("10.25.20.4"), ...at("nat.lab.internal:2204"))).toEqual({
		$any: commands.map((name) => `${name} <hostport>`),
	});
});

test("a short list of texts keeps the exact ones", () => {
	expect(textsOf("a 10.25.20.4", "a nat.lab.internal:2204")).toEqual({ $any: ["a <address>", "a <hostport>"] });
});

test("a list that stays too long becomes a format", () => {
	expect(textsOf(...["a", "b", "c", "d", "e", "f", "g"].map((name) => `${name} nat.lab.internal:2204`))).toBe("<line>");
});
