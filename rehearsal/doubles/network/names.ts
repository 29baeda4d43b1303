/** The datacenter's name servers. */
import { writeFile } from "node:fs/promises";
import type { Names } from "../../datacenter/services.ts";
import { execute } from "../../setup/command.ts";

/**
 * Resolves when dnsmasq answers. It ends with the run.
 *
 * @param hostsFile where it finds the records; written here
 */
export async function serveNames({ servers, records }: Names, hostsFile: string): Promise<void> {
	const lines = Object.entries(records).flatMap(([name, addresses]) =>
		addresses.map((address) => `${address} ${name}\n`),
	);
	await writeFile(hostsFile, lines.join(""));
	await execute([
		"dnsmasq",
		"--conf-file=/dev/null",
		"--user=root",
		"--pid-file",
		"--bind-interfaces",
		...servers.map((address) => `--listen-address=${address}`),
		"--no-hosts",
		`--addn-hosts=${hostsFile}`,
		"--no-resolv",
		// Other names do not exist, rather than being refused and asked for again.
		"--local=/#/",
	]);
}
