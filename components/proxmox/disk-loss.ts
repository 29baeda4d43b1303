import * as pulumi from "@pulumi/pulumi";

/** Keys of a node in the stack file by the disks of its machine. */
const keys: Readonly<Record<string, string>> = { scsi0: "diskGiB", scsi1: "dataDiskGiB" };

/**
 * Refuses to take a disk away from a machine or to make one smaller: in a preview, and in an `up` before Proxmox is asked.
 * Proxmox detaches a disk at once, under the file system that is mounted from it. To be bound to the update of one machine.
 *
 * @param name unique in the program
 * @param node name of the machine's node
 */
export function refuseDiskLoss(name: string, node: string): pulumi.ResourceHook {
	return new pulumi.ResourceHook(
		name,
		({ oldInputs, newInputs }) => {
			const [before, after] = [sizes(oldInputs), sizes(newInputs)];
			const refused = [...before].flatMap(([disk, size]) => {
				const wanted = after.get(disk);
				return wanted !== undefined && wanted >= size ? [] : [refusal(node, disk, size, wanted)];
			});
			if (refused.length > 0) {
				throw new Error(refused.join("\n"));
			}
		},
		{ onDryRun: true },
	);
}

/** GiB of the disks in the inputs of a machine, by interface. */
function sizes(inputs: Record<string, unknown> | undefined): Map<string, number> {
	const disks = (inputs?.disks ?? []) as { interface: string; size: number }[];
	return new Map(disks.map((disk) => [disk.interface, disk.size]));
}

function refusal(node: string, disk: string, size: number, wanted: number | undefined): string {
	const cannot = wanted === undefined ? "cannot be taken away from its machine" : `cannot become ${wanted}`;
	return [
		`nodes.${node}.${keys[disk] ?? disk} is ${size} and ${cannot}, whose file system would be damaged`,
		`set ${size} again; or drain the node, delete it from the cluster, take it out of the stack file and run \`up\`, and put it back as you want it`,
	].join("; ");
}
