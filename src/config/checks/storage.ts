/** Rules for the data disks of local volumes. */
import { localVolumeCount } from "../derived/storage.ts";
import type { Problem } from "../read/problems.ts";
import { eachEntry } from "../read/readable.ts";
import type { StackConfig } from "../schema/stack.ts";

export function checkStorage(stack: StackConfig): Problem[] {
	const { volumeGiB } = stack.platform.storage;
	return eachEntry(stack.nodes, (name, node) =>
		node.dataDiskGiB !== undefined && localVolumeCount(stack, node) === 0
			? [
					{
						key: `nodes.${name}.dataDiskGiB`,
						message: `${node.dataDiskGiB} GiB hold no volume of ${volumeGiB} GiB (platform.storage.volumeGiB) beside the data of the file system; enlarge the disk or make the volumes smaller.`,
					},
				]
			: [],
	);
}
