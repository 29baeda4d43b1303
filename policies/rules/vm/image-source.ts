import { editMachine } from "../../lib/examples/machines.ts";
import type { Resource } from "../../lib/rules/resource.ts";
import type { StackRule } from "../../lib/rules/rule.ts";
import { machines } from "../../lib/rules/subjects.ts";
import { type Machine, machineOf } from "../../lib/vm/machines.ts";
import { downloads } from "./image-checksum.ts";

/** The parts of a download that say where on which host it ends up. */
interface Download {
	nodeName?: string;
	datastoreId?: string;
	contentType?: string;
	fileName?: string;
}

/** Drives without a file in them: the host's own, and none at all. */
const empty = ["none", "cdrom"];

/** Whatever lies on a host's storage, somebody has put there: only of what the program downloads is a digest known. */
export const vmImageSource: StackRule = {
	name: "vm-image-source",
	description: "Machines are made of images that the program downloads.",
	severity: "high",
	controls: [],
	frameworks: { cisControls: ["2.2", "16.5"], iso27001: ["A.8.19"], nist80053: ["CM-14", "SI-7"] },
	remediation:
		"Set importFrom of the disk to `<datastore>:import/<file name>` of a download on the machine's own host.",
	subject: machines,
	examples: [
		{
			change: "a disk from a file on the host that the program did not download",
			apply: editMachine("proj-k8sw01", { disks: [{ interface: "scsi0", fileId: "local:import/other.qcow2" }] }),
			sentence:
				"Machine proj-k8sw01 takes local:import/other.qcow2, which the program does not download to its host; import an image that it does.",
		},
	],

	checkStack(resources, report) {
		const downloaded = new Set(resources.filter(({ type }) => downloads.includes(type)).map(placeOf));
		for (const resource of resources) {
			const machine = machineOf(resource);
			for (const file of machine ? filesOf(machine) : []) {
				if (!downloaded.has(`${machine?.nodeName} ${file}`)) {
					report(
						`Machine ${resource.name} takes ${file}, which the program does not download to its host; import an image that it does.`,
						resource,
					);
				}
			}
		}
	},
};

function placeOf({ props }: Resource): string {
	const { nodeName, datastoreId, contentType, fileName } = props as Download;
	return `${nodeName} ${datastoreId}:${contentType}/${fileName}`;
}

function filesOf({ disks = [], cdrom }: Machine): string[] {
	const files = [...disks.flatMap(({ importFrom, fileId }) => [importFrom, fileId]), cdrom?.fileId];
	return files.filter((file) => file !== undefined && file !== "" && !empty.includes(file)) as string[];
}
