import { execute } from "../../setup/command.ts";
import type { GuestInterface } from "../proxmox/hypervisor.ts";

/** Part of what `ip -json address show` prints. */
interface Link {
	ifname: string;
	address?: string;
	addr_info: { family: "inet" | "inet6"; local: string; prefixlen: number }[];
}

/**
 * The network interfaces of a guest, or `undefined` when the guest has ended.
 * @param init process id of the guest's PID 1
 */
export async function interfacesOf(init: number): Promise<GuestInterface[] | undefined> {
	let links: Link[];
	try {
		links = JSON.parse(await execute(["nsenter", `--net=/proc/${init}/ns/net`, "ip", "-json", "address", "show"]));
	} catch {
		// The guest powers off or reboots.
		return undefined;
	}
	return links.map(({ ifname, address, addr_info }) => ({
		name: ifname,
		mac: address ?? "00:00:00:00:00:00",
		addresses: addr_info.map(({ family, local, prefixlen }) => ({
			address: local,
			prefix: prefixlen,
			family: family === "inet" ? "ipv4" : "ipv6",
		})),
	}));
}
