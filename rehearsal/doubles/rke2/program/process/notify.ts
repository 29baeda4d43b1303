import { spawnSync } from "node:child_process";
import { log } from "./log.ts";

/** Reports to systemd that the unit is ready. It starts systemd-notify, because Node has no Unix datagram sockets. */
export function notifyReady(status: string): void {
	log.info(status);
	if (process.env.NOTIFY_SOCKET === undefined) {
		return;
	}
	spawnSync("systemd-notify", ["--ready", `--status=${status}`], { stdio: "ignore" });
}
