/**
 * What the policy pack refuses of a stack file that is right otherwise, by the keys of the stack file: so that nobody
 * learns it from the pack. Where a profile of the pack accepts it for a while, the pack asks for it afterwards.
 */

import { runsPerDay } from "../formats/schedule.ts";
import type { Problem } from "../read/problems.ts";
import type { StackConfig } from "../schema/stack.ts";

export function policyPackWarnings(stack: StackConfig): Problem[] {
	return [...machines(stack), ...snapshots(stack), ...privilegedNamespaces(stack)];
}

function machines({ proxmox }: StackConfig): Problem[] {
	const problems: Problem[] = [];
	if (!proxmox.firewall.enabled) {
		problems.push({
			key: "proxmox.firewall.enabled",
			message:
				"is off: who reaches the nodes' network reaches every port of the nodes. Set it, with proxmox.firewall.adminCidrs; the policy vm-firewall asks for it.",
		});
	}
	if (!proxmox.protectControlPlanes) {
		problems.push({
			key: "proxmox.protectControlPlanes",
			message:
				"is off: a changed host or vmId deletes an etcd member. Leave the key out where the cluster is in use; the policy vm-protected-control-planes asks for it.",
		});
	}
	return problems;
}

function snapshots({ cluster: { etcdSnapshots } }: StackConfig): Problem[] {
	const { schedule, retention, s3 } = etcdSnapshots;
	const problems: Problem[] = [];
	if ((runsPerDay(schedule) ?? 0) < 1) {
		problems.push({
			key: "cluster.etcdSnapshots.schedule",
			message: `${schedule} leaves days out; the policy rke2-etcd-snapshots asks for a snapshot every day.`,
		});
	}
	if (retention < 2) {
		problems.push({
			key: "cluster.etcdSnapshots.retention",
			message: `found ${retention}: a snapshot of a broken cluster replaces the last good one; the policy rke2-etcd-snapshots asks for 2 or more.`,
		});
	}
	if (!s3) {
		problems.push({
			key: "cluster.etcdSnapshots.s3",
			message:
				"is missing: with the disks of the control planes every snapshot is lost; the policy rke2-offsite-snapshots asks for it.",
		});
	} else if (s3.insecure) {
		problems.push({
			key: "cluster.etcdSnapshots.s3.insecure",
			message:
				"is on: snapshots cross the network in clear text; the policy rke2-offsite-snapshots asks for TLS (endpointCa takes an authority of your own).",
		});
	}
	return problems;
}

function privilegedNamespaces({ platform }: StackConfig): Problem[] {
	return Object.entries(platform.namespaces)
		.filter(([, { podSecurity }]) => podSecurity === "privileged")
		.map(([name]) => ({
			key: `platform.namespaces.${name}.podSecurity`,
			message: `privileged lets every pod of the namespace take its node over; the policy kubernetes-pod-security asks for baseline or restricted, or for an exception whose resource is "Namespace ${name}" (docs/compliance/README.md).`,
		}));
}
