import { specialSecretSig, specialSigKey } from "@pulumi/pulumi/runtime/rpc.js";

/**
 * Inputs as the SDK gives them to a policy: secrets in clear text, unknown values by their sentinel. The inputs themselves are no
 * secret, also when they have its mark: the provider would get every one of them.
 *
 * @param inputs as the engine sends them; they change in place
 */
export function inClearText(inputs: Record<string, unknown>): Record<string, unknown> {
	unwrapMembers(inputs);
	return inputs;
}

function unwrapMembers(members: Record<string, unknown>): void {
	for (const name in members) {
		const member = members[name];
		if (typeof member === "object") {
			members[name] = unwrap(member);
		}
	}
}

function unwrap(value: unknown): unknown {
	if (typeof value !== "object" || value === null) {
		return value;
	}
	const members = value as Record<string, unknown>;
	if (members[specialSigKey] === specialSecretSig) {
		return unwrap(members.value);
	}
	unwrapMembers(members);
	return members;
}
