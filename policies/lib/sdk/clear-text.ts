import { specialSecretSig, specialSigKey } from "@pulumi/pulumi/runtime/rpc.js";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";

/** Inputs as a policy gets them: secrets in clear text, unknown values by their sentinel. */
export function inClearText(inputs: Struct | undefined): Record<string, unknown> {
	return unwrap(inputs?.toJavaScript() ?? {}) as Record<string, unknown>;
}

function unwrap(value: unknown): unknown {
	if (Array.isArray(value)) {
		return value.map(unwrap);
	}
	if (typeof value !== "object" || value === null) {
		return value;
	}
	const { [specialSigKey]: signature, ...members } = value as Record<string, unknown>;
	return signature === specialSecretSig
		? unwrap(members.value)
		: Object.fromEntries(Object.entries(value).map(([key, member]) => [key, unwrap(member)]));
}
