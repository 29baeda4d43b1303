import { specialSecretSig, specialSigKey } from "@pulumi/pulumi/runtime/rpc.js";

/**
 * Inputs as a policy gets them: secrets in clear text, unknown values by their sentinel.
 *
 * @param inputs as the engine sends them; they change in place
 */
export function inClearText(inputs: Record<string, unknown>): Record<string, unknown> {
	return unwrap(inputs) as Record<string, unknown>;
}

function unwrap(value: unknown): unknown {
	if (typeof value !== "object" || value === null) {
		return value;
	}
	const members = value as Record<string, unknown>;
	if (members[specialSigKey] === specialSecretSig) {
		return unwrap(members.value);
	}
	for (const name in members) {
		const member = members[name];
		if (typeof member === "object") {
			members[name] = unwrap(member);
		}
	}
	return members;
}
