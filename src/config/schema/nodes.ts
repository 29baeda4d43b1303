/** The sections `nodes` and `gpus` of a stack file: the VMs of the cluster, and the GPUs that they get. */
import { z } from "zod";
import { address, dnsLabel, inventoryId, quantity } from "./formats.ts";

const labels = z.record(z.string(), z.string());
const taints = z.array(
	z.string().regex(/^[^=:]+(=[^=:]*)?:(NoSchedule|PreferNoSchedule|NoExecute)$/, {
		error: "must be key=value:effect or key:effect with the effect NoSchedule, PreferNoSchedule or NoExecute",
	}),
);

const recreated =
	"a change makes the VM anew with empty disks, and the node leaves the cluster before and joins it again";
const resized = "`up` drains the node and restarts its VM when it changes";

const node = z.strictObject({
	role: z.enum(["control-plane", "worker"]),
	host: dnsLabel.describe(
		`Proxmox host that runs the VM; a key of \`proxmox.hosts\`. Without \`proxmox.highAvailability\` ${recreated}.`,
	),
	vmId: z.int().min(100).max(999_999_999).describe(`Id of the VM in Proxmox; ${recreated}.`),
	cmdbId: inventoryId
		.optional()
		.describe("Inventory id of the VM; it becomes a tag, and is in the description of the VM."),
	address: address.describe("Static address in `network.cidr`."),
	cpus: quantity(`virtual CPUs; ${resized}`),
	memoryGiB: quantity(`GiB of memory, never ballooned; ${resized}`),
	diskGiB: quantity(
		`GiB of the system disk (minimum: docs/limits.md). It may grow, but not in the same \`up\` as \`cpus\` or \`memoryGiB\`; ${resized}`,
	),
	dataDiskGiB: z
		.int()
		.positive()
		.optional()
		.describe(
			"Whole GiB of a second disk for local persistent volumes. Without the key there is no second disk. You can add it and enlarge it, but not remove it.",
		),
	gpu: z
		.strictObject({
			mapping: dnsLabel.describe("A key of `gpus`."),
			timeSlices: z
				.int()
				.min(1)
				.default(1)
				.describe(
					"Number of pods that share the GPU in turns; each can use all of its memory. 1 gives the GPU to one pod.",
				),
		})
		.optional()
		.describe(`GPU to pass through; a change takes effect in Proxmox when the VM is stopped and started.`),
	labels: labels
		.default({})
		.describe("Node labels, beside those for the zone (the host), the region (the cluster) and the role of a worker."),
	taints: taints
		.default([])
		.describe(
			"Node taints beside those of the role, set at registration. When they change on a registered node, `up` stops before it drains the node, and names the `kubectl taint` command to run.",
		),
});

const gpu = z.strictObject({
	host: dnsLabel.describe("Proxmox host with the GPU; a key of `proxmox.hosts`."),
	model: z.string().min(1).describe("Model of the GPU, for people."),
	device: z
		.strictObject({
			path: z
				.string()
				.regex(/^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}(\.[0-7])?$/, { error: "must be a PCI address such as 0000:0b:00" })
				.describe("PCI address on the host; without a function number all functions are passed through."),
			id: z.string().regex(/^[0-9a-f]{4}:[0-9a-f]{4}$/, { error: "must be vendor:device such as 10de:24b0" }),
			subsystemId: z.string().regex(/^[0-9a-f]{4}:[0-9a-f]{4}$/, { error: "must be vendor:device such as 10de:14ad" }),
			iommuGroup: z.int().min(0),
		})
		.optional()
		.describe(
			"With it the program creates the resource mapping. Without it the mapping of this name exists already, made by hand.",
		),
});

export const nodes = z.record(dnsLabel, node).describe("VMs of the cluster, by host name.");

export const gpus = z
	.record(dnsLabel, gpu)
	.default({})
	.describe("GPUs for passthrough, by the name of the resource mapping in Proxmox.");
