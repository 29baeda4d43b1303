/** Secrets that only some stacks need. */
import { acmeOf, dns01Provider } from "../issuing.ts";
import type { Secrets, StackConfig } from "../schema.ts";

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
