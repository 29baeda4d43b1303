/** Writes down, as plain files for cloud-init.sh, what Proxmox's native cloud-init configuration drive would say. */
import { createHash } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import type { CloudInit } from "../proxmox/hypervisor.ts";

export async function writeSeed(directory: string, cloudInit: CloudInit): Promise<void> {
	await rm(directory, { recursive: true, force: true });
	await mkdir(`${directory}/networks`, { recursive: true });
	const files: Record<string, string> = {
		hostname: lines(cloudInit.hostname),
		"search-domain": lines(cloudInit.searchDomain ?? ""),
		user: lines(cloudInit.user ?? ""),
		authorized_keys: lines(...cloudInit.sshKeys),
		nameservers: lines(...cloudInit.nameservers),
		"package-upgrade": cloudInit.upgradesPackages ? lines("true") : "",
	};
	for (const [index, address] of cloudInit.addresses.entries()) {
		const name = guestInterfaceName(index);
		// As netplan calls what it makes of cloud-init's file, on Ubuntu and on Debian.
		files[`networks/10-netplan-${name}.network`] = lines(
			"[Match]",
			`Name=${name}`,
			"[Network]",
			`Address=${address.cidr}`,
			...(address.gateway ? [`Gateway=${address.gateway}`] : []),
		);
	}
	// Proxmox has no other identity for an instance than what it tells it (qemu-server, Cloudinit.pm, nocloud_gen_metadata).
	files["instance-id"] = lines(createHash("sha1").update(JSON.stringify(files)).digest("hex"));
	for (const [name, content] of Object.entries(files)) {
		await writeFile(`${directory}/${name}`, content);
	}
}

export function guestInterfaceName(nic: number): string {
	return `eth${nic}`;
}

function lines(...content: string[]): string {
	return content.map((line) => `${line}\n`).join("");
}
