import { runsPerDay } from "../../src/config/schedule.ts";
import { serverRule } from "../lib/rules-about.ts";

/** Without a snapshot there is no way back from a lost quorum, nor from an upgrade of a minor. */
export const rke2EtcdSnapshots = serverRule({
	name: "rke2-etcd-snapshots",
	description: "Every server takes snapshots of etcd, several times a day, and keeps more than one.",
	severity: "high",
	evidence: { cisControls: ["11.2"], iso27001: ["A.8.13"], nist80053: ["CP-9"] },
	remediation:
		"Leave `etcd-disable-snapshots` out, set `etcd-snapshot-schedule-cron`, and `etcd-snapshot-retention` to 2 or more.",
	url: "https://docs.rke2.io/datastore/backup_restore",

	check(config, report) {
		const { effective } = config;
		if (effective["etcd-disable-snapshots"] !== undefined && String(effective["etcd-disable-snapshots"]) !== "false") {
			report(`${config.title} has etcd-disable-snapshots; remove it.`);
		}
		// RKE2's own defaults: every twelve hours, five of them.
		const retention = effective["etcd-snapshot-retention"] ?? 5;
		if (!(Number(retention) >= 2)) {
			report(`${config.title} has etcd-snapshot-retention: ${retention}; allowed is 2 or more.`);
		}
		const schedule = String(effective["etcd-snapshot-schedule-cron"] ?? "0 */12 * * *");
		if (!((runsPerDay(schedule) ?? 0) >= 2)) {
			report(
				`${config.title} has etcd-snapshot-schedule-cron: ${schedule}; allowed is a schedule that comes round twice a day or more.`,
			);
		}
	},
});
