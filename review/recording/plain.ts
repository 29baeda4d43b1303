/** Inputs as they go over the wire, as plain data. */
import { createHash } from "node:crypto";
import { specialSecretSig, specialSigKey, unknownValue } from "@pulumi/pulumi/runtime/rpc.js";
import { type Json, unknownMark } from "./recording.ts";

/**
 * @param inputs of a resource
 * @param texts to write in another way, by the text that the inputs have; for placeholders that differ from run to run
 * @returns the inputs with the digest of each secret in its place
 */
export function plainInputs(inputs: unknown, texts: ReadonlyMap<string, string> = new Map()): { [key: string]: Json } {
	return plain(inputs, texts) as { [key: string]: Json };
}

function plain(value: unknown, texts: ReadonlyMap<string, string>): Json {
	if (typeof value === "string") {
		return value === unknownValue ? unknownMark : (texts.get(value) ?? value);
	}
	if (Array.isArray(value)) {
		return value.map((item) => plain(item, texts));
	}
	if (typeof value !== "object" || value === null) {
		return value as Json;
	}
	const record = value as Record<string, unknown>;
	if (record[specialSigKey] === specialSecretSig) {
		// The SDK marks a value twice where a secret is a part of a secret.
		return { secret: digestOf(JSON.stringify(plain(record.value, texts))) };
	}
	return Object.fromEntries(
		Object.keys(record)
			.sort()
			.map((key) => [key, plain(record[key], texts)]),
	);
}

/** 64 bits: enough to tell two values apart. */
export function digestOf(text: string): string {
	return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
