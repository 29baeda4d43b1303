/** The datacenter's name servers. */
import { writeFile } from "node:fs/promises";
import { execute } from "../../setup/command.ts";

export interface NameServers {
	/** Addresses that the servers answer on. */
	addresses: string[];
	/** Addresses by name. No other name exists. */
	records: Record<string, string[]>;
}

/**
 * Starts dnsmasq and resolves when it answers. It ends with the run.
 *
 * @param hostsFile path of the file that dnsmasq reads the records from; this function writes it
 */
export async function serveNames({ addresses, records }: NameServers, hostsFile: string): Promise<void> {
	const lines = Object.entries(records).flatMap(([name, targets]) => targets.map((address) => `${address} ${name}\n`));
	await writeFile(hostsFile, lines.join(""));
	await execute([
		"dnsmasq",
		"--conf-file=/dev/null",
		"--user=root",
		"--pid-file",
		"--bind-interfaces",
		...addresses.map((address) => `--listen-address=${address}`),
		"--no-hosts",
		`--addn-hosts=${hostsFile}`,
		"--no-resolv",
		// Any other name does not exist. A refusal would make the client ask again.
		"--local=/#/",
	]);
}
