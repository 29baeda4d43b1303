import { randomBytes } from "node:crypto";
import { formatProperties, type Properties, parseProperties } from "../properties.ts";

interface Nic {
	model: string;
	mac: string;
	/** All other properties: bridge, tag, link_down, firewall, mtu, queues ... */
	options: Properties;
}

/** Reads `virtio=BC:24:11:..,bridge=vmbr0` and the provider's `model=virtio,bridge=vmbr0,macaddr=BC:..`. Without a MAC it makes one. */
export function parseNic(value: string): Nic {
	const { model, macaddr, ...rest } = parseProperties(value, "model");
	if (model !== undefined) {
		return { model, mac: (macaddr ?? randomMac()).toUpperCase(), options: rest };
	}
	const [name = "virtio", mac = randomMac()] =
		Object.entries(rest).find(([, candidate]) => /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(candidate)) ?? [];
	const { [name]: _, ...options } = rest;
	return { model: name, mac: mac.toUpperCase(), options };
}

export function formatNic(nic: Nic): string {
	return `${nic.model}=${nic.mac},${formatProperties(nic.options, "")}`.replace(/,$/, "");
}

export function isLinkDown(nic: Nic): boolean {
	return nic.options.link_down === "1";
}

/** In the range of Proxmox Server Solutions, the default prefix since PVE 8.1. */
function randomMac(): string {
	return `BC:24:11:${[...randomBytes(3)].map((byte) => byte.toString(16).padStart(2, "0")).join(":")}`.toUpperCase();
}
