/** Files of the operating system that RKE2 needs before its first start. */

import type { StackConfig } from "../config/schema/stack.ts";
import { cisKernelSettings, kubernetesKernelSettings } from "../facts/kernel-settings.ts";
import type { NodeFile } from "./bundle.ts";
import { networkServiceFiles } from "./network-services.ts";
import { overlayLink } from "./overlay-link.ts";

export function hostFiles({ cluster, network }: Pick<StackConfig, "cluster" | "network">): NodeFile[] {
	const { kernel } = cluster;
	const root = { mode: "0644", owner: "root:root" };
	return [
		// At boot the last file wins, and hardened images have files at 99, such as 99-cis-kernel.conf.
		{ path: "/etc/sysctl.d/99-zz-rke2-cis.conf", ...root, content: sysctl(cisKernelSettings) },
		{ path: "/etc/sysctl.d/99-zz-rke2-kubernetes.conf", ...root, content: sysctl(kubernetesKernelSettings) },
		{ path: "/etc/sysctl.d/99-zz-rke2-lab.conf", ...root, content: sysctl(kernel.settings) },
		{ path: "/etc/modules-load.d/rke2.conf", ...root, content: lines(["br_netfilter", "overlay", ...kernel.modules]) },
		...networkServiceFiles(),
		// When the cloud-init configuration in Proxmox changes, cloud-init takes the VM for a new one and would generate new
		// host keys, which the program has pinned. At the first boot it replaces host keys that the image brings.
		{ path: "/etc/cloud/cloud.cfg.d/99-rke2-lab.cfg", ...root, content: "ssh_deletekeys: false\n" },
		// On Ubuntu needrestart restarts services whose libraries apt replaced, and unattended-upgrades runs on all nodes in the
		// same hour (k0sproject/k0s#6598). Only converge.sh may restart RKE2, one node after another.
		{
			path: "/etc/needrestart/conf.d/rke2-lab.conf",
			...root,
			content: "$nrconf{override_rc}->{qr(^rke2-(server|agent)\\.service$)} = 0;\n",
		},
		// The image brings one of the two time services, which reads its file; nothing reads the other file.
		{ path: "/etc/systemd/timesyncd.conf.d/rke2-lab.conf", ...root, content: timesyncd(network.timeServers) },
		{
			path: "/etc/chrony/sources.d/rke2-lab.sources",
			...root,
			content: lines(network.timeServers.map((server) => `server ${server} iburst`)),
		},
		overlayLink(cluster.canal),
	];
}

function timesyncd(servers: readonly string[]): string {
	return servers.length === 0 ? "" : `[Time]\nNTP=${servers.join(" ")}\n`;
}

function lines(texts: readonly string[]): string {
	return texts.map((text) => `${text}\n`).join("");
}

function sysctl(settings: Record<string, number | string>): string {
	return Object.entries(settings)
		.map(([key, value]) => `${key} = ${value}\n`)
		.join("");
}
