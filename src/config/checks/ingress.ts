/** Rules for the way in. */
import type { Problem } from "../problems.ts";
import type { StackConfig } from "../schema.ts";

export function checkIngress({ platform: { traefik, metallb } }: StackConfig): Problem[] {
	const { exposure, nodePorts } = traefik;
	const problems: Problem[] = [];
	if (exposure === "loadBalancer" && !metallb.announce) {
		problems.push({
			key: "platform.traefik.exposure",
			message:
				"loadBalancer needs an address of MetalLB, which announces none; set platform.metallb.announce, or use hostPort or nodePort.",
		});
	}
	if (nodePorts.web === nodePorts.websecure) {
		problems.push({
			key: "platform.traefik.nodePorts.websecure",
			message: `${nodePorts.websecure} is the port of nodePorts.web already; each needs its own.`,
		});
	}
	return problems;
}
