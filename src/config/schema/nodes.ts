/** What a stack file may say under `nodes` and `gpus`: the machines of the cluster, and the cards that they hold. */
import { z } from "zod";
import { address, dnsLabel, inventoryId, quantity } from "./formats.ts";

const labels = z.record(z.string(), z.string());
const taints = z.array(
	z.string().regex(/^[^=:]+(=[^=:]*)?:(NoSchedule|PreferNoSchedule|NoExecute)$/, {
		error: "must be key=value:effect or key:effect with the effect NoSchedule, PreferNoSchedule or NoExecute",
	}),
);

const madeAnew = "another one makes the machine anew, with empty disks, and nothing joins it to the cluster again";
const afterPowerCycle = "a change waits in Proxmox until the machine is stopped and started";

const node = z.strictObject({
	role: z.enum(["control-plane", "worker"]),
	host: dnsLabel.describe(
		`Proxmox host that runs the machine; a key of \`proxmox.hosts\`. Without \`proxmox.highAvailability\` ${madeAnew}.`,
	),
	vmId: z.int().min(100).max(999_999_999).describe(`Id of the machine in Proxmox; ${madeAnew}.`),
	cmdbId: inventoryId.optional().describe("What the machine is in the inventory; a tag of it and in its description."),
	address: address.describe("Static address in `network.cidr`."),
	cpus: quantity(`virtual CPUs; ${afterPowerCycle}, and \`up\` warns until then whenever the node converges`),
	memoryGiB: quantity(
		`GiB of memory, never ballooned; ${afterPowerCycle}, and \`up\` warns until then whenever the node converges`,
	),
	diskGiB: quantity(
		"GiB of the system disk, of which docs/limits.md has the least; it may grow, not together with `cpus` or `memoryGiB`, and `up` warns until the machine has booted with it",
	),
	dataDiskGiB: z
		.int()
		.positive()
		.optional()
		.describe(
			"Whole GiB of a second disk for local persistent volumes; without the key there is none. It may be added and grow; a machine that has one cannot lose it.",
		),
	gpu: z
		.strictObject({
			mapping: dnsLabel.describe("A key of `gpus`."),
			timeSlices: z
				.int()
				.min(1)
				.default(1)
				.describe("Pods that take turns on the card, each with all of its memory in reach; 1 gives it to one pod."),
		})
		.optional()
		.describe(`Card to pass through; ${afterPowerCycle}.`),
	labels: labels
		.default({})
		.describe("Node labels, beside those for the zone (its host), the region (the cluster) and the role of a worker."),
	taints: taints
		.default([])
		.describe(
			"Node taints beside those of the role, set at registration. When they change on a member, `up` stops before it drains the node and names the `kubectl taint` command to run.",
		),
});

const gpu = z.strictObject({
	host: dnsLabel.describe("Proxmox host that holds the card; a key of `proxmox.hosts`."),
	model: z.string().min(1).describe("For people: what the card is."),
	device: z
		.strictObject({
			path: z
				.string()
				.regex(/^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}(\.[0-7])?$/, { error: "must be a PCI address such as 0000:0b:00" })
				.describe("PCI address on the host; without a function number all functions are passed."),
			id: z.string().regex(/^[0-9a-f]{4}:[0-9a-f]{4}$/, { error: "must be vendor:device such as 10de:24b0" }),
			subsystemId: z.string().regex(/^[0-9a-f]{4}:[0-9a-f]{4}$/, { error: "must be vendor:device such as 10de:14ad" }),
			iommuGroup: z.int().min(0),
		})
		.optional()
		.describe(
			"When present the program creates the resource mapping; when absent it was made by hand under this name.",
		),
});

export const nodes = z.record(dnsLabel, node).describe("The machines of the cluster, by host name.");

export const gpus = z
	.record(dnsLabel, gpu)
	.default({})
	.describe("Cards that can be passed through, by Proxmox resource mapping.");
