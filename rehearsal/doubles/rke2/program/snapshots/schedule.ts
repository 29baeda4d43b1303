import { setTimeout as sleep } from "node:timers/promises";
import type { FlagValues } from "../config/flag-values.ts";
import type { ServerSettings } from "../config/settings.ts";
import type { Paths } from "../paths.ts";
import { log, messageOf } from "../process/log.ts";
import { saveSnapshot } from "./save.ts";
import { connectStore } from "./store.ts";
import { snapshotTools } from "./tools.ts";

/** RKE2's defaults: https://docs.rke2.io/reference/server_config */
const defaults = { schedule: "0 */12 * * *", name: "etcd-snapshot", retention: "5" };

/** Saves etcd on schedule until the signal aborts. RKE2 ignores a malformed schedule without a message. */
export async function scheduleSnapshots(
	paths: Paths,
	flags: FlagValues,
	{ nodeName, snapshotDirectory }: ServerSettings,
	signal: AbortSignal,
): Promise<void> {
	if (flags.boolean("etcd-disable-snapshots")) {
		return;
	}
	const target = {
		directory: snapshotDirectory ?? paths.snapshots,
		prefix: flags.text("etcd-snapshot-name") ?? defaults.name,
		nodeName,
		retention: Number(flags.text("etcd-snapshot-retention") ?? defaults.retention),
		connect: () => connectStore(paths, flags),
	};
	while (!signal.aborted) {
		const next = await nextTime(paths, flags.text("etcd-snapshot-schedule-cron") ?? defaults.schedule);
		if (next === undefined) {
			return;
		}
		await waitUntil(next, signal);
		if (!signal.aborted) {
			await saveSnapshot(paths, target).catch((error: unknown) => {
				log.error(`Failed to take etcd snapshot: ${messageOf(error)}`);
			});
		}
	}
}

/** In parts: a timer of Node lasts for 24 days at most, and a schedule may be monthly. */
async function waitUntil(time: Date, signal: AbortSignal): Promise<void> {
	while (!signal.aborted && Date.now() < time.getTime()) {
		await sleep(Math.min(time.getTime() - Date.now(), 3_600_000), undefined, { signal }).catch(() => undefined);
	}
}

async function nextTime(paths: Paths, schedule: string): Promise<Date | undefined> {
	try {
		return new Date((await snapshotTools(paths, ["next", schedule])).trim());
	} catch {
		return undefined;
	}
}
