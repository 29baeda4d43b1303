/**
 * The RKE2 release in the command lines of prepare.sh, join.sh and converge.sh. They begin with the node's name, its role and the
 * release. No other input of these resources has the release: a further one would run every command again on every node.
 */
import type { Rke2Role } from "./keys.ts";

const line = /\/(?:prepare|join|converge)\.sh \S+ (?:server|agent) (?<release>\S+)(?: |$)/;

/** The first arguments of these scripts. */
export function releaseArguments(nodeName: string, role: Rke2Role, release: string): string[] {
	return [nodeName, role, release];
}

/** @returns nothing for any other command line */
export function releaseIn(commandLine: string): string | undefined {
	return line.exec(commandLine)?.groups?.release;
}
