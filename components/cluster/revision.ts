import { createHmac } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

/**
 * A digest of a secret that may be public: it changes with the secret and does not reveal it.
 *
 * @param key a secret that cannot be guessed: without it weak passwords could be tested against the revision
 * @returns 64 hexadecimal digits, not secret
 */
export function revisionOf(secret: pulumi.Output<string>, key: pulumi.Output<string>): pulumi.Output<string> {
	return pulumi.unsecret(
		pulumi.all([key, secret]).apply(([known, text]) => createHmac("sha256", known).update(text).digest("hex")),
	);
}
