/** Destinations outside the cluster, as a stack file names them. */
import { z } from "zod";
import { peer } from "./formats.ts";

export const ports = z
	.array(z.int().min(1).max(65_535))
	.min(1)
	.describe("Ports of the pods, not of a Service: network policies see a packet after the translation of the Service.");
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
				"Network or address outside the cluster, or `internet`: everything except private networks, the networks of the cluster, and Proxmox. A network leaves out the nodes, the address of the API and Proxmox. Network policies have no host names.",
			),
			ports,
			protocol,
			including: z
				.array(z.enum(["nodes", "proxmox"]))
				.default([])
				.describe(
					"Machines that the destination opens on purpose although it leaves them out otherwise: `nodes` with their SSH, kubelets and etcd, and the host of `proxmox.endpoint`. The policy `kubernetes-protected-destinations` then needs an exception for the NetworkPolicy.",
				),
		}),
	)
	.default([]);
