/** Files of the operating system that RKE2 needs before its first start. */

import type { StackConfig } from "../config/schema/stack.ts";
import { cisKernelSettings, kubernetesKernelSettings } from "../facts/kernel-settings.ts";
import type { NodeFile } from "./bundle.ts";
import { networkServiceFiles } from "./network-services.ts";
import { overlayLink } from "./overlay-link.ts";

export function hostFiles(stack: StackConfig): NodeFile[] {
	const {
		cluster: { kernel },
		network,
	} = stack;
	const root = { mode: "0644", owner: "root:root" };
	return [
		// At a boot the last file wins, and hardened images have theirs at 99, such as 99-cis-kernel.conf.
		{ path: "/etc/sysctl.d/99-zz-rke2-cis.conf", ...root, content: sysctl(cisKernelSettings) },
		{ path: "/etc/sysctl.d/99-zz-rke2-kubernetes.conf", ...root, content: sysctl(kubernetesKernelSettings) },
		{ path: "/etc/sysctl.d/99-zz-rke2-lab.conf", ...root, content: sysctl(kernel.settings) },
		{ path: "/etc/modules-load.d/rke2.conf", ...root, content: lines(["br_netfilter", "overlay", ...kernel.modules]) },
		...networkServiceFiles(),
		// To cloud-init a machine whose text in Proxmox changed is a new one, whose host keys it makes anew: the program has
		// pinned them by now. At the first boot it makes the machine's own, in place of those that an image may bring.
		{ path: "/etc/cloud/cloud.cfg.d/99-rke2-lab.cfg", ...root, content: "ssh_deletekeys: false\n" },
		// Ubuntu's apt has needrestart restart services whose libraries were replaced, and security updates install by themselves,
		// on all nodes in the same hour (k0sproject/k0s#6598). A restart of RKE2 is for converge.sh, one node after another.
		{
			path: "/etc/needrestart/conf.d/rke2-lab.conf",
			...root,
			content: "$nrconf{override_rc}->{qr(^rke2-(server|agent)\\.service$)} = 0;\n",
		},
		// One of the two keeps the clock, whichever the image brings; the other's file has no reader.
		{ path: "/etc/systemd/timesyncd.conf.d/rke2-lab.conf", ...root, content: timesyncd(network.timeServers) },
		{
			path: "/etc/chrony/sources.d/rke2-lab.sources",
			...root,
			content: lines(network.timeServers.map((server) => `server ${server} iburst`)),
		},
		overlayLink(stack),
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
