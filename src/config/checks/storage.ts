/** Rules for the data disks that local volumes are on. */
import type { Problem } from "../problems.ts";
import type { StackConfig } from "../schema.ts";
import { localVolumeCount } from "../storage.ts";

export function checkStorage(stack: StackConfig): Problem[] {
	const { volumeGiB } = stack.platform.storage;
	return Object.entries(stack.nodes)
		.filter(([, node]) => node.dataDiskGiB !== undefined && localVolumeCount(stack, node) === 0)
		.map(([name, { dataDiskGiB }]) => ({
			key: `nodes.${name}.dataDiskGiB`,
			message: `${dataDiskGiB} GiB hold no volume of ${volumeGiB} GiB (platform.storage.volumeGiB) once the file system has its share; make the disk larger or the volumes smaller.`,
		}));
}
