/**
 * The rules of a VM's firewall for nftables, as pve-firewall gives them to iptables for the VM's tap device: connections that are
 * known first, then the rules in their order, then what every DROP lets through, then the policy
 * (pve-firewall, src/PVE/Firewall.pm: `ruleset_generate_vm_rules`, `PVEFW-Drop`).
 */
import type { displayedFirewall, FirewallRule } from "./vm-firewall.ts";

type Firewall = ReturnType<typeof displayedFirewall>;

const table = "inet pve";

/**
 * @param nic interface at which the packets come in, in the guest
 * @returns rules for nftables, which replace the filter of before; a filter that is off only removes it
 * @throws Error when a rule has a property that no rule of the program has
 */
export function packetFilter(firewall: Firewall, nic: string): string {
	const empty = [`table ${table}`, `delete table ${table}`];
	return `${(firewall.options.enable === "1" ? [...empty, ...chain(firewall, nic)] : empty).join("\n")}\n`;
}

function chain({ options, sets, rules }: Firewall, nic: string): string[] {
	return [
		`table ${table} {`,
		"	chain in {",
		"		type filter hook prerouting priority mangle; policy accept;",
		`		iifname != "${nic}" accept`,
		"		ct state invalid drop",
		"		ct state established,related accept",
		...rules.filter(({ type, enable }) => type === "in" && enable !== "0").map((rule) => `		${ruleLine(rule, sets)}`),
		"		icmp type { destination-unreachable, time-exceeded } accept",
		`		${verdict(options.policy_in ?? "DROP")}`,
		"	}",
		"}",
	];
}

function ruleLine({ proto, dport, source, action, ...rest }: FirewallRule, sets: Firewall["sets"]): string {
	const { type: _, enable: __, comment: ___, log: ____, ...unknown } = rest;
	if (Object.keys(unknown).length > 0) {
		throw new Error(`The packet filter does not know ${Object.keys(unknown).join(", ")} of a firewall rule.`);
	}
	return [
		...(source ? [`ip saddr { ${addresses(source, sets).join(", ")} }`] : []),
		...(proto ? [dport ? `${proto} dport { ${dport.replaceAll(":", "-")} }` : `meta l4proto ${proto}`] : []),
		verdict(action ?? ""),
	].join(" ");
}

function addresses(source: string, sets: Firewall["sets"]): string[] {
	const name = /^\+guest\/(.+)$/.exec(source)?.[1];
	return name === undefined ? source.split(",") : sets[name]!;
}

function verdict(action: string): string {
	return action === "REJECT" ? "reject" : action.toLowerCase();
}
