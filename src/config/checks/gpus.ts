/** Rules for cards: one card, one mapping, one machine, on the host that holds it. */
import type { Problem } from "../read/problems.ts";
import { applyRules, eachEntry } from "../read/readable.ts";
import type { StackConfig } from "../schema/stack.ts";

export function checkGpus(stack: StackConfig): Problem[] {
	return applyRules(stack, mappings, cardHosts, machines, operator, driver);
}

/**
 * A card is passed as a whole or not at all where its functions share an IOMMU group, as those of a graphics card do:
 * https://pve.proxmox.com/wiki/PCI_Passthrough#IOMMU_Isolation_Verification.
 */
export function gpuWarnings({ gpus }: StackConfig): Problem[] {
	return Object.entries(gpus).flatMap(([name, { device }]) => {
		const [card, part] = device?.path.split(".") ?? [];
		return part === undefined
			? []
			: [
					{
						key: `gpus.${name}.device.path`,
						message: `${device?.path} passes one function of the card. The machine starts only when the host uses no other function of the IOMMU group ${device?.iommuGroup}, such as the sound of a graphics card; ${card} passes all of them.`,
					},
				];
	});
}

function driver({ platform }: StackConfig): Problem[] {
	const { driver, driverVersion } = platform.gpuOperator ?? {};
	return driver === "host" && driverVersion !== undefined
		? [
				{
					key: "platform.gpuOperator.driverVersion",
					message: `is ${driverVersion}, but the driver is the image's (driver: host), whose version the operator does not choose; remove one of the two.`,
				},
			]
		: [];
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

function cardHosts({ gpus, proxmox }: StackConfig): Problem[] {
	return eachEntry(gpus, (mapping, { host }) =>
		host in proxmox.hosts
			? []
			: [
					{
						key: `gpus.${mapping}.host`,
						message: `${host} is not in proxmox.hosts; allowed: ${Object.keys(proxmox.hosts).join(", ")}.`,
					},
				],
	);
}

function machines({ gpus, nodes }: StackConfig): Problem[] {
	const owners = new Map<string, string>();
	return eachEntry(nodes, (name, { gpu, host }) => {
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
}

function operator({ nodes, platform }: StackConfig): Problem[] {
	const cards = Object.entries(nodes).filter(([, { gpu }]) => gpu);
	if (!platform.gpuOperator && cards.length > 0) {
		const names = cards.map(([name]) => name).join(", ");
		return [
			{
				key: "platform.gpuOperator",
				message: `is missing; ${names} with a card (nodes.<name>.gpu) needs it, with its version.`,
			},
		];
	}
	return platform.gpuOperator?.smokeTest && cards.length === 0
		? [{ key: "platform.gpuOperator.smokeTest", message: "has no card to run on: no node has a gpu." }]
		: [];
}
