interface SetEntry {
	cidr: string;
	comment?: string;
	nomatch?: number;
}

export interface AddressSet {
	comment?: string;
	entries: SetEntry[];
}

/** A rule as Proxmox keeps it; what is empty is left out. */
export type FirewallRule = Record<string, string>;

/** `/etc/pve/firewall/<vmid>.fw`: it goes with the machine. Nothing here filters a packet. */
export interface VmFirewall {
	options: Record<string, string>;
	sets: Map<string, AddressSet>;
	/** The first that matches decides. */
	rules: FirewallRule[];
}

export function emptyFirewall(): VmFirewall {
	return { options: {}, sets: new Map(), rules: [] };
}

/** Sets as the addresses in them. */
export function shownFirewall({ options, sets, rules }: VmFirewall) {
	const addresses = [...sets].map(([name, { entries }]) => [name, entries.map(({ cidr }) => cidr).sort()]);
	return { options, sets: Object.fromEntries(addresses) as Record<string, string[]>, rules };
}
