/** What a stack file may say under `platform.checks`: whether `up` ends only when the cluster does what it was built for. */
import { z } from "zod";

export const servingChecks = z
	.strictObject({
		enabled: z
			.boolean()
			.default(true)
			.describe(
				"Whether `up` waits until the issuers have their accounts and the wildcard certificate is issued, and fails with the likely cause when they do not. Off for a closed network, where no certificate authority answers.",
			),
		timeoutSeconds: z
			.int()
			.min(10)
			.max(7200)
			.default(900)
			.describe(
				"How long each of them may take. A DNS01 challenge takes some minutes: its record has to reach every name server of the zone.",
			),
	})
	.prefault({});
