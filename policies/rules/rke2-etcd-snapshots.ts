import { nodeFiles, rke2ConfigOf } from "../lib/rke2-files.ts";
import type { ResourceRule } from "../lib/rule.ts";

/** Without a snapshot there is no way back from a lost quorum, nor from an upgrade of a minor. */
export const rke2EtcdSnapshots: ResourceRule = {
	name: "rke2-etcd-snapshots",
	description: "Every server takes snapshots of etcd, several times a day, and keeps more than one.",
	severity: "high",
	evidence: { cisControls: ["11.2"], iso27001: ["A.8.13"], nist80053: ["CP-9"] },
	remediation:
		"Leave `etcd-disable-snapshots` out, set `etcd-snapshot-schedule-cron`, and `etcd-snapshot-retention` to 2 or more.",
	url: "https://docs.rke2.io/datastore/backup_restore",

	checkResource(resource, report) {
		const config = rke2ConfigOf(nodeFiles(resource));
		if (config?.role !== "server") {
			return;
		}
		const { effective } = config;
		if (effective["etcd-disable-snapshots"] !== undefined && String(effective["etcd-disable-snapshots"]) !== "false") {
			report(`The RKE2 configuration in ${resource.name} has etcd-disable-snapshots; remove it.`);
		}
		// RKE2's own defaults: every twelve hours, five of them.
		const retention = effective["etcd-snapshot-retention"] ?? 5;
		if (!(Number(retention) >= 2)) {
			report(
				`The RKE2 configuration in ${resource.name} has etcd-snapshot-retention: ${retention}; allowed is 2 or more.`,
			);
		}
		if (
			String(effective["etcd-snapshot-schedule-cron"] ?? "0 */12 * * *")
				.trim()
				.split(/\s+/).length !== 5
		) {
			report(
				`The RKE2 configuration in ${resource.name} has an etcd-snapshot-schedule-cron that is none; give five fields.`,
			);
		}
	},
};
