/** Replays the calls to Proxmox, and tells after each call which traffic the machines' firewalls accept. */
import ipaddr from "ipaddr.js";
import type { Access } from "../../../rehearsal/doubles/proxmox/auth/access.ts";
import { firewallRoutes } from "../../../rehearsal/doubles/proxmox/qemu/firewall.ts";
import type { Vms } from "../../../rehearsal/doubles/proxmox/qemu/vm.ts";
import {
	emptyFirewall,
	type FirewallRule,
	type VmFirewall,
} from "../../../rehearsal/doubles/proxmox/qemu/vm-firewall.ts";
import { Parameters } from "../../../rehearsal/doubles/proxmox/server/parameters.ts";
import type { RecordedRequest } from "../../../rehearsal/doubles/proxmox/server/request-log.ts";
import { createRouter } from "../../../rehearsal/doubles/proxmox/server/router.ts";

/** A connection to a machine. */
export interface Flow {
	vmId: number;
	source: string;
	proto: "tcp" | "udp";
	port: number;
}

export class FirewallReplay {
	readonly #firewalls: Map<number, VmFirewall>;
	readonly #route;

	constructor(vmIds: number[]) {
		this.#firewalls = new Map(vmIds.map((id) => [id, emptyFirewall()]));
		const vms = { find: (id: number) => ({ firewall: this.#firewalls.get(id)! }) };
		this.#route = createRouter(firewallRoutes(vms as unknown as Vms));
	}

	/** @returns a line for each call and each flow that the firewall drops after it */
	cut(requests: RecordedRequest[], flows: Flow[]): string[] {
		return requests
			.filter(({ method, path, status }) => method !== "GET" && path.includes("/firewall/") && status === 200)
			.flatMap((request) => {
				this.#apply(request);
				return flows
					.filter((flow) => !admits(this.#firewalls.get(flow.vmId)!, flow))
					.map(({ vmId, source, proto, port }) => {
						return `${request.method} ${request.path} cuts ${source} off from ${proto} ${port} of ${vmId}`;
					});
			});
	}

	#apply({ method, path, parameters }: RecordedRequest): void {
		const given = new Parameters();
		const handle = this.#route(method, path, given);
		const inPath = given.entries().map(([name]) => name);
		for (const [name, value] of Object.entries(parameters).filter(([name]) => !inPath.includes(name))) {
			for (const one of [value].flat()) {
				given.add(name, one);
			}
		}
		handle({ access: { require: () => undefined } as unknown as Access, parameters: given });
	}
}

/** The first matching rule decides, otherwise the policy. https://pve.proxmox.com/pve-docs/chapter-pve-firewall.html */
function admits(firewall: VmFirewall, flow: Flow): boolean {
	if (firewall.options.enable !== "1") {
		return true;
	}
	const rule = firewall.rules.find((candidate) => fits(candidate, firewall, flow));
	return (rule?.action ?? firewall.options.policy_in ?? "DROP") === "ACCEPT";
}

function fits({ type, enable, proto, dport, source }: FirewallRule, { sets }: VmFirewall, flow: Flow): boolean {
	const set = source?.startsWith("+guest/") ? sets.get(source.replace("+guest/", "")) : undefined;
	const sources = set ? set.entries.map(({ cidr }) => cidr) : (source?.split(",") ?? ["0.0.0.0/0"]);
	return (
		type === "in" &&
		enable !== "0" &&
		(proto === undefined || proto === flow.proto) &&
		(dport === undefined || dport.split(",").some((range) => holdsPort(range, flow.port))) &&
		sources.some((cidr) => holdsAddress(cidr, flow.source))
	);
}

function holdsPort(range: string, port: number): boolean {
	const [first, last = first] = range.split(":").map(Number);
	return first! <= port && port <= last!;
}

function holdsAddress(cidr: string, address: string): boolean {
	const network = ipaddr.IPv4.parseCIDR(cidr.includes("/") ? cidr : `${cidr}/32`);
	return ipaddr.IPv4.parse(address).match(network);
}
