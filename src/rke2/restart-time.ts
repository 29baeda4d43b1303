/** The last line that converge.sh prints: how long the last restart of RKE2 on the node took, with the drain and all waits. */
const line = /^the last restart took (\d+) s\n?/m;

/** @returns seconds, or nothing when converge.sh has not restarted RKE2 on this node yet */
export function restartSecondsIn(stdout: unknown): number | undefined {
	const seconds = typeof stdout === "string" ? line.exec(stdout)?.[1] : undefined;
	return seconds === undefined ? undefined : Number(seconds);
}

export function withoutRestartTime(stdout: string): string {
	return stdout.replace(line, "").trimEnd();
}
