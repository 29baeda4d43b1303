/**
 * What no network of a policy may have: the machines under the cluster, the addresses at which a cloud gives out credentials, and the networks
 * of pods and Services, which selectors name.
 */
import { isAddress } from "../../../../src/config/formats/addresses.ts";
import { type Network, networkOf } from "../../../../src/config/formats/networks.ts";
import { metadataNetworks } from "../../../../src/facts/special-networks.ts";
import { shaped } from "../../reading/shape.ts";
import { listOf, serverConfigOf } from "../../rke2/files.ts";
import type { Resource } from "../../rules/resource.ts";
import { machineOf, rolesOf } from "../../vm/machines.ts";

export type Kind = "control plane" | "worker" | "Proxmox" | "link-local" | "pod" | "Service";

export interface Protected {
	kind: Kind;
	/** The address, for a sentence. */
	text: string;
	network: Network;
}

const provider = "pulumi:providers:proxmoxve";

export function protectedIn(resources: readonly Resource[]): Protected[] {
	const found = [
		...resources.flatMap((resource) => [
			...ofMachine(resource),
			...ofServer(resource),
			...ofProxmox(resource),
			...ofCluster(resource),
		]),
		...metadataNetworks.map((text) => at("link-local", text)),
	].flat();
	return [...new Map(found.map((one) => [`${one.text} ${one.kind}`, one])).values()];
}

function at(kind: Kind, address: string): Protected[] {
	const cidr = address.includes("/") ? address : `${address}/${address.includes(":") ? 128 : 32}`;
	const network = networkOf(cidr);
	return network ? [{ kind, text: address, network }] : [];
}

function ofMachine(resource: Resource): Protected[] {
	const machine = machineOf(resource);
	if (!machine) {
		return [];
	}
	const kind = rolesOf(machine).includes("control-plane") ? "control plane" : "worker";
	return (machine.initialization?.ipConfigs ?? [])
		.flatMap(({ ipv4, ipv6 }) => [ipv4?.address, ipv6?.address])
		.flatMap((address) => (address ? at(kind, address.split("/")[0]!) : []));
}

/** The virtual address of the API is an address of one of the control planes. */
function ofServer(resource: Resource): Protected[] {
	const config = serverConfigOf(resource);
	return config ? listOf(config, "tls-san").flatMap((name) => (isAddress(name) ? at("control plane", name) : [])) : [];
}

/** The configuration of a server has both, because the program sets them. */
function ofCluster(resource: Resource): Protected[] {
	const config = serverConfigOf(resource);
	const networks = (key: string, kind: Kind) =>
		config ? listOf(config, key).flatMap((list) => list.split(",").flatMap((cidr) => at(kind, cidr.trim()))) : [];
	return [...networks("cluster-cidr", "pod"), ...networks("service-cidr", "Service")];
}

function ofProxmox({ type, name, props }: Resource): Protected[] {
	if (type !== provider) {
		return [];
	}
	const endpoint = shaped(props.endpoint, "string", { path: ["endpoint"], owner: () => name }) ?? "";
	const host = URL.canParse(endpoint) ? new URL(endpoint).hostname.replace(/^\[|\]$/g, "") : "";
	return at("Proxmox", host);
}
