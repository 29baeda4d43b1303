import { specialSecretSig, specialSigKey } from "@pulumi/pulumi/runtime/rpc.js";
import { expect, test } from "vitest";
import { inClearText } from "../../../../../policies/lib/sdk/clear-text.ts";

const secret = (value: unknown) => ({ [specialSigKey]: specialSecretSig, value });

test("secrets in objects, in lists and in secrets are in clear text", () => {
	const inputs = {
		password: secret("a"),
		list: [secret(secret("b")), 1, null],
		object: { deep: secret({ c: secret("c") }) },
	};
	expect(inClearText(inputs)).toEqual({ password: "a", list: ["b", 1, null], object: { deep: { c: "c" } } });
});

test("the mark of a secret hides no input of the resource that has it among its inputs", () => {
	expect(inClearText({ ...secret({}), create: "id" })).toEqual({ ...secret({}), create: "id" });
});
