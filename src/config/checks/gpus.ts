/** Rules for GPUs: each GPU has one mapping and one VM, on the host with the GPU. */
import type { Problem } from "../read/problems.ts";
import { applyRules, eachEntry } from "../read/readable.ts";
import type { StackConfig } from "../schema/stack.ts";

export function checkGpus(stack: StackConfig): Problem[] {
	return applyRules(stack, mappings, gpuHosts, machines, operator, driver);
}

/**
 * A graphics card is passed through as a whole or not at all, because its functions share an IOMMU group:
 * https://pve.proxmox.com/wiki/PCI_Passthrough#IOMMU_Isolation_Verification.
 */
export function gpuWarnings({ gpus }: StackConfig): Problem[] {
	return Object.entries(gpus).flatMap(([name, { device }]) => {
		const [gpu, part] = device?.path.split(".") ?? [];
		return part === undefined
			? []
			: [
					{
						key: `gpus.${name}.device.path`,
						message: `${device?.path} passes one function of the GPU through. The VM starts only when the host uses no other function of the IOMMU group ${device?.iommuGroup}, such as the sound of the graphics card; ${gpu} passes all functions through.`,
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
					message: `is ${driverVersion}, but the image brings the driver (driver: host), and the operator does not choose its version; remove one of the two keys.`,
				},
			]
		: [];
}

/** A path without a function number means all functions of the GPU. */
function mappings({ gpus }: StackConfig): Problem[] {
	const devices = Object.entries(gpus).flatMap(([name, { host, device }]) =>
		device ? [{ name, host, ...device }] : [],
	);
	return devices.flatMap(({ name, host, path }, index) =>
		devices
			.slice(0, index)
			.filter((other) => other.host === host && sharesFunction(path, other.path))
			.map((other) => ({
				key: `gpus.${name}.device.path`,
				message: `${path} in ${host} already belongs to ${other.name}, whose path is ${other.path}; each GPU has one mapping.`,
			})),
	);
}

function sharesFunction(path: string, other: string): boolean {
	const [[gpu, part], [otherGpu, otherPart]] = [path.split("."), other.split(".")];
	return gpu === otherGpu && (part === otherPart || part === undefined || otherPart === undefined);
}

function gpuHosts({ gpus, proxmox }: StackConfig): Problem[] {
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
		const found = gpus[gpu.mapping];
		if (!found) {
			return [{ key, message: `${gpu.mapping} is not in gpus; allowed: ${Object.keys(gpus).join(", ") || "none"}.` }];
		}
		const owner = owners.get(gpu.mapping);
		owners.set(gpu.mapping, owner ?? name);
		return [
			...(owner ? [{ key, message: `the GPU ${gpu.mapping} already belongs to ${owner}.` }] : []),
			...(found.host === host
				? []
				: [{ key, message: `the GPU ${gpu.mapping} is in ${found.host}, but the VM runs on ${host}.` }]),
		];
	});
}

function operator({ nodes, platform }: StackConfig): Problem[] {
	const gpuNodes = Object.entries(nodes).filter(([, { gpu }]) => gpu);
	if (!platform.gpuOperator && gpuNodes.length > 0) {
		const names = gpuNodes.map(([name]) => name).join(", ");
		return [
			{
				key: "platform.gpuOperator",
				message: `is missing; ${names} with a GPU (nodes.<name>.gpu) need it, with its version.`,
			},
		];
	}
	return platform.gpuOperator?.smokeTest && gpuNodes.length === 0
		? [{ key: "platform.gpuOperator.smokeTest", message: "has no GPU to run on: no node has a gpu." }]
		: [];
}
