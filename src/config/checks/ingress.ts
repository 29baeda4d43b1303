/** Rules for the exposure of the ingress. */
import { metricsNodePorts } from "../../facts/add-ons.ts";
import type { Problem } from "../read/problems.ts";
import type { StackConfig } from "../schema/stack.ts";

export function checkIngress({ platform: { traefik, metallb, scrapers } }: StackConfig): Problem[] {
	const { exposure, nodePorts } = traefik;
	const problems: Problem[] = [];
	if (exposure === "loadBalancer" && !metallb?.announce) {
		problems.push({
			key: "platform.traefik.exposure",
			message:
				"loadBalancer needs an address of MetalLB, which announces none; set platform.metallb.announce, or use hostPort or nodePort.",
		});
	}
	if (nodePorts.web === nodePorts.websecure) {
		problems.push({
			key: "platform.traefik.nodePorts.websecure",
			message: `${nodePorts.websecure} is already the port of nodePorts.web; each needs its own.`,
		});
	}
	const taken = scrapers.length > 0 ? metricsNodePorts : [];
	for (const [name, port] of Object.entries(nodePorts)) {
		if (taken.includes(port)) {
			problems.push({
				key: `platform.traefik.nodePorts.${name}`,
				message: `${port} is a port of metrics for platform.scrapers, as are ${listed(taken.filter((other) => other !== port))}; use another port.`,
			});
		}
	}
	return problems;
}

function listed(numbers: number[]): string {
	return new Intl.ListFormat("en-GB").format(numbers.map(String));
}
