import * as pulumi from "@pulumi/pulumi";

/** Keys of a node in the stack file by the disks of its VM. */
const keys: Readonly<Record<string, string>> = { scsi0: "diskGiB", scsi1: "dataDiskGiB" };

/**
 * Refuses to remove a disk from a VM or to shrink one: in a preview, and in `up` before the first call to Proxmox. Proxmox detaches
 * a disk at once, even while its file system is mounted. Bind the hook to the update of one VM.
 *
 * @param name unique in the program
 * @param node name of the VM's node
 */
export function refuseDiskLoss(name: string, node: string): pulumi.ResourceHook {
	return new pulumi.ResourceHook(
		name,
		({ oldInputs, newInputs }) => {
			const refused = diskLosses(node, oldInputs, newInputs);
			if (refused.length > 0) {
				throw new Error(refused.join("\n"));
			}
		},
		{ onDryRun: true },
	);
}

/** @returns a sentence for each disk in the inputs of a VM that the new inputs do not have, or have smaller */
export function diskLosses(
	node: string,
	oldInputs: Record<string, unknown> | undefined,
	newInputs: Record<string, unknown> | undefined,
): string[] {
	const [before, after] = [sizes(oldInputs), sizes(newInputs)];
	return [...before].flatMap(([disk, size]) => {
		const wanted = after.get(disk);
		return wanted !== undefined && wanted >= size ? [] : [refusal(node, disk, size, wanted)];
	});
}

/** GiB of the disks in the inputs of a VM, by interface. */
function sizes(inputs: Record<string, unknown> | undefined): Map<string, number> {
	const disks = (inputs?.disks ?? []) as { interface: string; size: number }[];
	return new Map(disks.map((disk) => [disk.interface, disk.size]));
}

function refusal(node: string, disk: string, size: number, wanted: number | undefined): string {
	const cannot = wanted === undefined ? "cannot be removed from its VM" : `cannot become ${wanted}`;
	return [
		`nodes.${node}.${keys[disk] ?? disk} is ${size} and ${cannot}: the file system on the disk would be damaged`,
		`set ${size} again; or set another vmId with it, which makes the VM anew with the new disk: docs/operations/replace-a-node.md`,
	].join("; ");
}
