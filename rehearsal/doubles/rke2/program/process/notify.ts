import { spawnSync } from "node:child_process";
import { log } from "./log.ts";

/** Tells systemd that the unit is ready. Node has no datagram sockets of the Unix kind, hence the helper program. */
export function notifyReady(status: string): void {
	log.info(status);
	if (process.env.NOTIFY_SOCKET === undefined) {
		return;
	}
	spawnSync("systemd-notify", ["--ready", `--status=${status}`], { stdio: "ignore" });
}
