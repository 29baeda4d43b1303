import { Pci } from "@muhlba91/pulumi-proxmoxve/hardware/mapping/pci.js";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../src/config/schema/stack.ts";

export interface GpuMappingArgs {
	/** The GPUs by mapping name. The administrator has mapped those without a `device`, and the program does not change them. */
	gpus: StackConfig["gpus"];
}

/**
 * Resource mappings for passed-through GPUs. Proxmox lets no API token use a raw PCI id, but a mapping.
 * https://pve.proxmox.com/pve-docs/chapter-qm.html#resource_mapping
 */
export class GpuMappings extends pulumi.ComponentResource {
	/** The mappings that the program has created, by name. */
	readonly mappings: Readonly<Record<string, Pci>>;

	constructor(name: string, args: GpuMappingArgs, opts?: pulumi.ComponentResourceOptions) {
		super("rke2-lab:proxmox:GpuMappings", name, {}, opts);
		this.mappings = Object.fromEntries(
			Object.entries(args.gpus).flatMap(([mapping, { host, model, device }]) =>
				device
					? [
							[
								mapping,
								new Pci(
									mapping,
									{
										name: mapping,
										comment: model,
										maps: [
											{
												node: host,
												path: device.path,
												id: device.id,
												subsystemId: device.subsystemId,
												iommuGroup: device.iommuGroup,
											},
										],
									},
									{ parent: this },
								),
							],
						]
					: [],
			),
		);
		this.registerOutputs({});
	}
}
