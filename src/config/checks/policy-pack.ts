/**
 * Settings of a valid stack file that the policy pack refuses, by the keys of the stack file, so that the administrator
 * finds them before a preview. A profile of the pack may have a temporary exception for such a setting.
 */
import { isListedKernelSetting } from "../formats/kernel-settings.ts";
import { hasTlsOrPrivateHost } from "../formats/private-hosts.ts";
import { runsPerDay } from "../formats/schedule.ts";
import type { Problem } from "../read/problems.ts";
import type { StackConfig } from "../schema/stack.ts";
import { destinationsOf } from "./destinations.ts";
import { serversOf } from "./plain-http.ts";

export function policyPackWarnings(stack: StackConfig): Problem[] {
	return [
		...machines(stack),
		...devices(stack),
		...snapshots(stack),
		...privilegedNamespaces(stack),
		...openMachines(stack),
		...kernelSettings(stack),
		...publicHttp(stack),
	];
}

function machines({ proxmox }: StackConfig): Problem[] {
	const problems: Problem[] = [];
	if (!proxmox.firewall.enabled) {
		problems.push({
			key: "proxmox.firewall.enabled",
			message:
				"is off: every address in the nodes' network reaches every port of the nodes. Set it, with proxmox.firewall.adminCidrs; the policy vm-firewall requires it.",
		});
	}
	if (!proxmox.protectControlPlanes) {
		problems.push({
			key: "proxmox.protectControlPlanes",
			message:
				"is off: a changed host or vmId deletes an etcd member. Remove the key when the cluster is in use; the policy vm-protected-control-planes requires it.",
		});
	}
	return problems;
}

function devices({ nodes }: StackConfig): Problem[] {
	return Object.entries(nodes)
		.filter(([, { role, gpu }]) => role === "control-plane" && gpu)
		.map(([name]) => ({
			key: `nodes.${name}.gpu`,
			message:
				"is on a control plane: a device that is passed through reaches the machine's memory past its kernel. Give it to a worker, as the policy vm-gpu-on-one-worker requires.",
		}));
}

function snapshots({ cluster: { etcdSnapshots } }: StackConfig): Problem[] {
	const { schedule, retention, s3 } = etcdSnapshots;
	const problems: Problem[] = [];
	if ((runsPerDay(schedule) ?? 0) < 1) {
		problems.push({
			key: "cluster.etcdSnapshots.schedule",
			message: `${schedule} omits some days; the policy rke2-etcd-snapshots requires a snapshot every day.`,
		});
	}
	if (retention < 2) {
		problems.push({
			key: "cluster.etcdSnapshots.retention",
			message: `found ${retention}: the next snapshot replaces the only one, even when the cluster is broken by then; set 2 or more, as the policy rke2-etcd-snapshots requires.`,
		});
	}
	if (!s3) {
		problems.push({
			key: "cluster.etcdSnapshots.s3",
			message:
				"is missing: every snapshot is lost with the disks of the control planes; the policy rke2-offsite-snapshots requires it.",
		});
	} else if (s3.insecure) {
		problems.push({
			key: "cluster.etcdSnapshots.s3.insecure",
			message:
				"is on: snapshots cross the network in clear text; the policy rke2-offsite-snapshots requires TLS (set endpointCa for an authority of your own).",
		});
	}
	return problems;
}

function openMachines(stack: StackConfig): Problem[] {
	return Object.entries(destinationsOf(stack)).flatMap(([key, allowTo]) =>
		allowTo.flatMap(({ cidr, including }, index) =>
			including.length === 0
				? []
				: [
						{
							key: `${key}.allowTo.${index}.including`,
							message: `opens ${including.join(" and ")} in ${cidr} to pods; the policy kubernetes-protected-destinations requires an exception for the NetworkPolicy of the namespace.`,
						},
					],
		),
	);
}

function kernelSettings({ cluster: { kernel } }: StackConfig): Problem[] {
	return Object.entries(kernel.settings)
		.filter(([name, value]) => !isListedKernelSetting(name, value))
		.map(([name, value]) => ({
			key: `cluster.kernel.settings.${name}`,
			message: `found ${JSON.stringify(value)}: the list of settings that weaken nothing (src/facts/kernel-settings.ts) does not have it; the policy program-known-resources requires an exception whose resource is "*-prepare" (docs/compliance/README.md).`,
		}));
}

/** Servers without TLS that the check accepts because of network.plainHttp. */
function publicHttp(stack: StackConfig): Problem[] {
	return Object.entries(serversOf(stack))
		.filter(([, url]) => !hasTlsOrPrivateHost(url))
		.map(([key, url]) => ({
			key,
			message: `${url} has no TLS, and its host is not one of a private network; the policy program-known-resources requires an exception for the resource that has it (docs/compliance/README.md).`,
		}));
}

function privilegedNamespaces({ platform }: StackConfig): Problem[] {
	return Object.entries(platform.namespaces)
		.filter(([, { podSecurity }]) => podSecurity === "privileged")
		.map(([name]) => ({
			key: `platform.namespaces.${name}.podSecurity`,
			message: `privileged lets every pod of the namespace take over its node; the policy kubernetes-pod-security requires baseline or restricted, or an exception whose resource is "Namespace ${name}" (docs/compliance/README.md).`,
		}));
}
