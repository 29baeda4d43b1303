/** Rules for cards: one card, one machine, on the host that holds it. */
import type { Problem } from "../problems.ts";
import type { StackConfig } from "../schema.ts";

export function checkGpus({ gpus, nodes, proxmox }: StackConfig): Problem[] {
	const owners = new Map<string, string>();
	const cards = Object.entries(gpus)
		.filter(([, { host }]) => !(host in proxmox.hosts))
		.map(([mapping, { host }]) => ({
			key: `gpus.${mapping}.host`,
			message: `${host} is not in proxmox.hosts; allowed: ${Object.keys(proxmox.hosts).join(", ")}.`,
		}));
	const machines = Object.entries(nodes).flatMap(([name, { gpu, host }]): Problem[] => {
		if (!gpu) {
			return [];
		}
		const key = `nodes.${name}.gpu.mapping`;
		const card = gpus[gpu.mapping];
		if (!card) {
			return [{ key, message: `${gpu.mapping} is not in gpus; allowed: ${Object.keys(gpus).join(", ") || "none"}.` }];
		}
		const owner = owners.get(gpu.mapping);
		owners.set(gpu.mapping, owner ?? name);
		return [
			...(owner ? [{ key, message: `the card ${gpu.mapping} already belongs to ${owner}.` }] : []),
			...(card.host === host
				? []
				: [{ key, message: `the card ${gpu.mapping} is in ${card.host}, but the machine runs on ${host}.` }]),
		];
	});
	return [...cards, ...machines];
}
