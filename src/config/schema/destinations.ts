/** How a stack file names what pods may reach outside the cluster. */
import { z } from "zod";
import { peer } from "./formats.ts";

export const ports = z
	.array(z.int().min(1).max(65_535))
	.min(1)
	.describe("Ports of the pods, not of a Service: policies see what a Service has been translated to.");
export const protocol = z.enum(["TCP", "UDP"]).default("TCP");

const destination = z.string().transform((text, context) => {
	if (text === "internet") {
		return text;
	}
	const { data, error } = peer.safeParse(text);
	if (error) {
		context.addIssue(`${error.issues[0]!.message}; or internet`);
	}
	return data ?? z.NEVER;
});

export const destinations = z
	.array(
		z.strictObject({
			cidr: destination.describe(
				"Network or address outside the cluster, or `internet`: everything but private networks, the cluster's own and Proxmox. Policies know no names of hosts.",
			),
			ports,
			protocol,
		}),
	)
	.default([]);
