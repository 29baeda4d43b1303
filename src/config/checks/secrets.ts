/** Rules for secrets: those that only some stacks need, and tokens that must differ. */
import { acmeOf, dns01Provider } from "../derived/issuing.ts";
import type { Problem } from "../read/problems.ts";
import type { Secrets, StackConfig } from "../schema/stack.ts";

/** Keys of secrets that this stack needs beside those that every stack needs. */
export function neededSecrets(stack: StackConfig): (keyof Secrets)[] {
	return [...bastion(stack), ...snapshotStore(stack), ...issuing(stack)];
}

function bastion({ ssh }: StackConfig): (keyof Secrets)[] {
	return ssh.bastion ? ["bastionKey"] : [];
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
			message: "must not equal clusterToken, which would then be on every worker; remove it or set another one.",
		},
	];
}
