import { editMachine } from "../../lib/examples/machines.ts";
import type { Resource } from "../../lib/rules/resource.ts";
import type { StackRule } from "../../lib/rules/rule.ts";
import { machines } from "../../lib/rules/subjects.ts";
import { type Machine, machineOf } from "../../lib/vm/machines.ts";
import { downloads } from "./image-checksum.ts";

/** The inputs of a download that name its place and its host. */
interface Download {
	nodeName?: string;
	datastoreId?: string;
	contentType?: string;
	fileName?: string;
}

/** Values for a drive without a file: the host's own drive, and no drive. */
const empty = ["none", "cdrom"];

/** Only for images that the program downloads is a digest known. Other files on a host's storage can be anything. */
export const vmImageSource: StackRule = {
	name: "vm-image-source",
	description: "Machines use only images that the program downloads.",
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
				"Machine proj-k8sw01 uses local:import/other.qcow2, which the program does not download to its host; import an image that it downloads.",
		},
	],

	checkStack(resources, report) {
		const downloaded = new Set(resources.filter(({ type }) => downloads.includes(type)).map(placeOf));
		for (const resource of resources) {
			const machine = machineOf(resource);
			for (const file of machine ? filesOf(machine) : []) {
				if (!downloaded.has(`${machine?.nodeName} ${file}`)) {
					report(
						`Machine ${resource.name} uses ${file}, which the program does not download to its host; import an image that it downloads.`,
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
