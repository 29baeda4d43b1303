/** The section `platform.checks` of a stack file: whether `up` waits until the cluster works. */
import { z } from "zod";

export const servingChecks = z
	.strictObject({
		enabled: z
			.boolean()
			.default(true)
			.describe(
				"Whether `up` waits until pods on every node reach each other and a Service by name, the issuers have their accounts, the wildcard certificate is issued, and every address of the ingress serves it to the control planes. Otherwise it fails with the likely cause. Switch it off in a network that reaches no certificate authority.",
			),
		timeoutSeconds: z
			.int()
			.min(10)
			.max(7200)
			.default(900)
			.describe(
				"Timeout of each check; that of the pods is 480 at most. A DNS01 challenge takes some minutes: its record must reach every name server of the zone.",
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
			.describe("Image of the pods that look for each other: busybox, 2 MB, once on every node. A digest pins it."),
	})
	.prefault({});
