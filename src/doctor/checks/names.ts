import type { StackConfig } from "../../config/schema/stack.ts";
import { type Finding, findingsAbout } from "../finding.ts";
import type { Surroundings } from "../surroundings.ts";

const { mistake, warning } = findingsAbout("names");

/** Mode `dns` needs the name of the API before the first `up`. In the other modes only people use it. */
export async function checkNames({ cluster, nodes }: StackConfig, surroundings: Surroundings): Promise<Finding[]> {
	const { mode, hostname, address } = cluster.api;
	const found = await surroundings.resolve(hostname);
	if (mode === "dns") {
		const servers = Object.values(nodes).filter(({ role }) => role === "control-plane");
		const missing = servers.map((server) => server.address).filter((each) => !found.includes(each));
		return missing.length === 0
			? []
			: [
					mistake(
						`cluster.api.hostname: ${hostname} resolves to ${found.join(", ") || "nothing"} here, and lacks ${missing.join(", ")}`,
						"add an A record for each control plane",
					),
				];
	}
	return found.length === 0 || found.includes(address ?? "")
		? []
		: [
				warning(
					`cluster.api.hostname: ${hostname} resolves to ${found.join(", ")} here, and cluster.api.address is ${address}`,
					"correct the A record, or the address",
				),
			];
}
