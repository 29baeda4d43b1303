import { createHmac } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

/**
 * Stands for a secret where everybody may look: it changes with the secret and says nothing about it.
 *
 * @param key that nobody can guess, or a weak password could be tried against the revision
 * @returns 64 hexadecimal digits, not secret
 */
export function revisionOf(secret: pulumi.Output<string>, key: pulumi.Output<string>): pulumi.Output<string> {
	return pulumi.unsecret(
		pulumi.all([key, secret]).apply(([known, text]) => createHmac("sha256", known).update(text).digest("hex")),
	);
}
