/** What a stack file may say under `platform.checks`: whether `up` ends only when the cluster does what it was built for. */
import { z } from "zod";

export const servingChecks = z
	.strictObject({
		enabled: z
			.boolean()
			.default(true)
			.describe(
				"Whether `up` ends only when pods on every node reach each other and a Service by name, the issuers have their accounts and the wildcard certificate is issued, and else fails with the likely cause. Off for a network in which no certificate authority answers.",
			),
		timeoutSeconds: z
			.int()
			.min(10)
			.max(7200)
			.default(900)
			.describe(
				"How long each of them may take, the pods no longer than 480. A DNS01 challenge takes some minutes: its record has to reach every name server of the zone.",
			),
		image: z
			.string()
			.regex(
				/^[a-z0-9][a-z0-9.-]*(:\d+)?(\/[a-z0-9][a-z0-9._-]*)+:(?!latest(@|$))\w[\w.-]{0,127}(@sha256:[0-9a-f]{64})?$/,
				{
					error: "must be an image with registry and tag (other than latest), such as docker.io/library/busybox:1.37.0",
				},
			)
			.default("docker.io/library/busybox:1.37.0")
			.describe(
				"What the pods run that look for each other: busybox, 2 MB, once on every node. With a digest it is that one.",
			),
	})
	.prefault({});
