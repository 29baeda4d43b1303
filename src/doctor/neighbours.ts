/** A machine that has an address. */
export type Neighbour = { by: "ARP"; mac: string } | { by: "TCP" };

/** Flag of an entry whose hardware address is known: https://man7.org/linux/man-pages/man5/proc_pid_net.5.html, ATF_COM */
const complete = 0x2;

/** @param table text of /proc/net/arp */
export function neighbourIn(table: string, address: string): Neighbour | undefined {
	for (const line of table.split("\n").slice(1)) {
		const [found, , flags = "0", mac = ""] = line.split(/\s+/);
		if (found === address && (Number(flags) & complete) !== 0) {
			return { by: "ARP", mac };
		}
	}
	return undefined;
}
