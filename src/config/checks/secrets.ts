/** Secrets that only some stacks need. */
import type { Secrets, StackConfig } from "../schema.ts";

/** Keys without which the stack cannot be built, beside those that every stack needs. */
export function neededSecrets({ cluster }: StackConfig): (keyof Secrets)[] {
	return cluster.etcdSnapshots.s3 ? ["etcdS3AccessKey", "etcdS3SecretKey"] : [];
}
