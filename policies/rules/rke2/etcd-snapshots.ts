import { runsPerDay } from "../../../src/config/formats/schedule.ts";
import { addToConfig, serverNodes } from "../../lib/examples/nodes.ts";
import { serverRule } from "../../lib/rules/subjects.ts";

/**
 * Without a snapshot, a lost quorum and an upgrade of a minor cannot be undone. CIS Controls v8.1, 11.2, asks for backups
 * every week; the administrator decides how many changes may be lost.
 */
export const rke2EtcdSnapshots = serverRule({
	name: "rke2-etcd-snapshots",
	description: "Every server takes a snapshot of etcd every day at least, and keeps more than one.",
	severity: "high",
	controls: [],
	frameworks: { cisControls: ["11.2"], iso27001: ["A.8.13"], nist80053: ["CP-9"] },
	remediation:
		"Set `cluster.etcdSnapshots.schedule` to once a day or more often and `retention` to 2 or more: `etcd-snapshot-schedule-cron` and `etcd-snapshot-retention`. Leave `etcd-disable-snapshots` out.",
	url: "https://docs.rke2.io/datastore/backup_restore",
	examples: [
		{
			change: "no snapshots",
			apply: addToConfig(serverNodes, "etcd-disable-snapshots: true"),
			sentence: "The RKE2 configuration in proj-k8sm01-converge has etcd-disable-snapshots; remove it.",
		},
	],

	check(config, report) {
		const { effective } = config;
		if (effective["etcd-disable-snapshots"] !== undefined && String(effective["etcd-disable-snapshots"]) !== "false") {
			report(`${config.title} has etcd-disable-snapshots; remove it.`);
		}
		// RKE2's own defaults: every twelve hours, five of them.
		const retention = effective["etcd-snapshot-retention"] ?? 5;
		if (!(Number(retention) >= 2)) {
			report(
				`${config.title} has etcd-snapshot-retention: ${retention} (cluster.etcdSnapshots.retention); allowed is 2 or more.`,
			);
		}
		const schedule = String(effective["etcd-snapshot-schedule-cron"] ?? "0 */12 * * *");
		if (!((runsPerDay(schedule) ?? 0) >= 1)) {
			report(
				`${config.title} has etcd-snapshot-schedule-cron: ${schedule} (cluster.etcdSnapshots.schedule); allowed is a schedule that runs every day.`,
			);
		}
	},
});
