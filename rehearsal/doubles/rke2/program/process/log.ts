/** Writes log lines in RKE2's format, so that `journalctl -u rke2-server` looks as on a real node. */
function line(level: "info" | "warning" | "error" | "fatal", message: string): void {
	const time = new Date().toISOString().replace(/\.\d+Z$/, "Z");
	process.stderr.write(`time="${time}" level=${level} msg=${JSON.stringify(message)}\n`);
}

export const log = {
	info: (message: string) => line("info", message),
	warning: (message: string) => line("warning", message),
	error: (message: string) => line("error", message),
	fatal: (message: string) => line("fatal", message),
};

/** An error that ends the process. Its message is logged as fatal, without a stack trace. */
export class FatalError extends Error {
	override name = "FatalError";
}

export function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
