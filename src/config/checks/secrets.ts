/** Secrets that only some stacks need, and what they must not be. */
import { acmeOf, dns01Provider } from "../derived/issuing.ts";
import type { Problem } from "../read/problems.ts";
import type { Secrets, StackConfig } from "../schema/stack.ts";

/** Keys without which the stack cannot be built, beside those that every stack needs. */
export function neededSecrets(stack: StackConfig): (keyof Secrets)[] {
	return [...snapshotStore(stack), ...issuing(stack)];
}

function snapshotStore({ cluster }: StackConfig): (keyof Secrets)[] {
	return cluster.etcdSnapshots.s3 ? ["etcdS3AccessKey", "etcdS3SecretKey"] : [];
}

function issuing(stack: StackConfig): (keyof Secrets)[] {
	const acme = acmeOf(stack);
	if (!acme) {
		return stack.platform.certManager ? ["ownAuthorityKey"] : [];
	}
	switch (dns01Provider(acme)) {
		case "cloudflare":
			return ["cloudflareApiToken"];
		case "webhook":
			return [];
		default:
			return ["dns01Secret"];
	}
}

/** @param values the secret keys in clear text; no problem repeats one */
export function checkTokens({ clusterToken, agentToken }: Record<string, unknown>): Problem[] {
	if (agentToken === undefined || agentToken !== clusterToken) {
		return [];
	}
	return [
		{
			key: "agentToken",
			message: "must not be clusterToken, which would be on every worker then; leave it out or set another one.",
		},
	];
}
