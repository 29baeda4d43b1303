/** Rules for cards: one card, one mapping, one machine, on the host that holds it. */
import type { Problem } from "../problems.ts";
import type { StackConfig } from "../schema.ts";

export function checkGpus(stack: StackConfig): Problem[] {
	return [...mappings(stack), ...cardsAndMachines(stack), ...smokeTest(stack)];
}

/** A path without a function number stands for all functions of the card. */
function mappings({ gpus }: StackConfig): Problem[] {
	const cards = Object.entries(gpus).flatMap(([name, { host, device }]) => (device ? [{ name, host, ...device }] : []));
	return cards.flatMap(({ name, host, path }, index) =>
		cards
			.slice(0, index)
			.filter((other) => other.host === host && sharesFunction(path, other.path))
			.map((other) => ({
				key: `gpus.${name}.device.path`,
				message: `${path} in ${host} already belongs to ${other.name}, whose path is ${other.path}; each card has one mapping.`,
			})),
	);
}

function sharesFunction(path: string, other: string): boolean {
	const [[card, part], [otherCard, otherPart]] = [path.split("."), other.split(".")];
	return card === otherCard && (part === otherPart || part === undefined || otherPart === undefined);
}

function cardsAndMachines({ gpus, nodes, proxmox }: StackConfig): Problem[] {
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

function smokeTest({ nodes, platform }: StackConfig): Problem[] {
	const cards = Object.values(nodes).filter(({ gpu }) => gpu);
	return platform.gpuOperator.smokeTest && cards.length === 0
		? [{ key: "platform.gpuOperator.smokeTest", message: "has no card to run on: no node has a gpu." }]
		: [];
}
