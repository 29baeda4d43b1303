/** Writes the contents of Proxmox' cloud-init drive as plain files for cloud-init.sh. */
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
		// The file name that netplan uses for cloud-init's configuration, on Ubuntu and on Debian.
		files[`networks/10-netplan-${name}.network`] = lines(
			"[Match]",
			`Name=${name}`,
			"[Network]",
			`Address=${address.cidr}`,
			...(address.gateway ? [`Gateway=${address.gateway}`] : []),
		);
	}
	// As in Proxmox, the id of an instance is a digest of its configuration (qemu-server, Cloudinit.pm, nocloud_gen_metadata).
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
