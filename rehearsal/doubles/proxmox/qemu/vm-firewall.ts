interface SetEntry {
	cidr: string;
	comment?: string;
	nomatch?: number;
}

export interface AddressSet {
	comment?: string;
	entries: SetEntry[];
}

/** A rule as Proxmox stores it, without empty properties. */
export type FirewallRule = Record<string, string>;

/** `/etc/pve/firewall/<vmid>.fw`. It is removed with the VM. The double filters no packet. */
export interface VmFirewall {
	options: Record<string, string>;
	sets: Map<string, AddressSet>;
	/** The first rule that matches decides. */
	rules: FirewallRule[];
}

export function emptyFirewall(): VmFirewall {
	return { options: {}, sets: new Map(), rules: [] };
}

/** The firewall with plain lists of addresses. */
export function displayedFirewall({ options, sets, rules }: VmFirewall) {
	const addresses = [...sets].map(([name, { entries }]) => [name, entries.map(({ cidr }) => cidr).sort()]);
	return { options, sets: Object.fromEntries(addresses) as Record<string, string[]>, rules };
}
