import { isAddress } from "../../config/formats/addresses.ts";
import { hostOf } from "../../config/formats/hosts.ts";
import type { StackConfig } from "../../config/schema/stack.ts";
import { type Finding, findingsAbout } from "../finding.ts";
import type { Surroundings } from "../surroundings.ts";

const { mistake, warning } = findingsAbout("names");

export async function checkNames(stack: StackConfig, surroundings: Surroundings): Promise<Finding[]> {
	return [...(await checkApi(stack, surroundings)), ...(await checkSsh(stack, surroundings))];
}

/** A bastion resolves the names of the nodes behind it itself. */
async function checkSsh({ ssh }: StackConfig, surroundings: Surroundings): Promise<Finding[]> {
	const hosts: Record<string, string> = ssh.bastion
		? { "ssh.bastion.host": ssh.bastion.host }
		: Object.fromEntries(Object.entries(ssh.addresses).map(([node, host]) => [`ssh.addresses.${node}`, host]));
	const found = Object.entries(hosts).map(async ([key, text]) => {
		const host = hostOf(text);
		return isAddress(host) || (await surroundings.resolve(host)).length > 0
			? []
			: [mistake(`${key}: the name ${host} cannot be resolved here`, "add it to the DNS, or name the address instead")];
	});
	return (await Promise.all(found)).flat();
}

/** Mode `dns` needs the name of the API before the first `up`. In the other modes only people use it. */
async function checkApi({ cluster, nodes }: StackConfig, surroundings: Surroundings): Promise<Finding[]> {
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
