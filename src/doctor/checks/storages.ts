import { dataDatastore } from "../../config/derived/storage.ts";
import { ProxmoxRefusal } from "../../proxmox/api.ts";
import { type Finding, findingsAbout } from "../finding.ts";
import { existingNodes, placements, type Subject } from "../subject.ts";

const { mistake, warning, unchecked } = findingsAbout("storages");
const GiB = 2 ** 30;

interface Status {
	type: string;
	/** Separated by commas. */
	content: string;
	active?: 0 | 1;
	enabled?: 0 | 1;
	/** Bytes. */
	avail?: number;
}

interface Use {
	/** Key of the stack file. */
	key: string;
	storage: string;
	content: "import" | "images";
	/** GiB of new disks. */
	wanted: number;
}

/**
 * Types of storages that take snapshots of raw volumes, such as the EFI disk of each VM (pve-storage, volume_has_feature of each plugin).
 */
const takingSnapshots = ["lvmthin", "zfspool", "zfs", "rbd", "btrfs"];

/**
 * Storages of each host with nodes: they are there, active, take the contents, have room, and take snapshots where the stack
 * file wants them. The token may not read the storage
 * of the backups: it has Datastore.Allocate there, and the status needs Datastore.Audit or Datastore.AllocateSpace.
 */
export async function checkStorages(subject: Subject): Promise<Finding[]> {
	const found = await Promise.all(
		placements(subject).flatMap(([host, nodes]) =>
			usesOn(subject, nodes).map((use) => checkStorage(subject, host, use)),
		),
	);
	// A storage that all hosts share has the same mistake on each of them.
	const all = found.flat();
	return all.filter(({ wrong }, index) => all.findIndex((other) => other.wrong === wrong) === index);
}

function usesOn(subject: Subject, nodes: readonly string[]): Use[] {
	const { stack } = subject;
	const { imageDatastore, vmDatastore, dataDatastore: named, sharedVmDatastore } = stack.proxmox;
	const own = existingNodes(subject);
	const fresh = (sharedVmDatastore ? Object.keys(stack.nodes) : nodes).filter((name) => !own.has(name));
	const system = fresh.reduce((sum, name) => sum + stack.nodes[name]!.diskGiB, 0);
	const data = fresh.reduce((sum, name) => sum + (stack.nodes[name]!.dataDiskGiB ?? 0), 0);
	const together = dataDatastore(stack) === vmDatastore;
	return [
		{ key: "imageDatastore", storage: imageDatastore, content: "import", wanted: 0 },
		{ key: "vmDatastore", storage: vmDatastore, content: "images", wanted: together ? system + data : system },
		...(named !== undefined && !together
			? [{ key: "dataDatastore", storage: named, content: "images", wanted: data } as const]
			: []),
	];
}

async function checkStorage({ api, stack }: Subject, host: string, use: Use): Promise<Finding[]> {
	const { key, storage, content, wanted } = use;
	const what = `proxmox.${key}: the storage ${storage}`;
	const where = stack.proxmox.sharedVmDatastore && content === "images" ? "" : ` on ${host}`;
	let status: Status;
	try {
		status = await api.get<Status>(`/nodes/${host}/storage/${encodeURIComponent(storage)}/status`);
	} catch (error) {
		if (!(error instanceof ProxmoxRefusal)) {
			throw error;
		}
		return error.status === 403
			? [unchecked(`${what}${where}: the token may not read it`, "look at its contents and its room by hand")]
			: [
					mistake(
						`${what}${where} cannot be used (${error.message})`,
						"name a storage of that host, or add the host to the storage (Datacenter > Storage)",
					),
				];
	}
	if (status.enabled === 0 || status.active === 0) {
		return [
			mistake(`${what}${where} is not active`, "enable it (Datacenter > Storage), and see that the host reaches it"),
		];
	}
	if (!status.content.split(",").includes(content)) {
		return [
			mistake(
				`${what} does not take the content type ${content}, but ${status.content.replaceAll(",", ", ")}`,
				`add it (Datacenter > Storage > ${storage} > Edit > Content), or name another storage`,
			),
		];
	}
	if (stack.proxmox.snapshotsBeforeChange && content === "images" && !takingSnapshots.includes(status.type)) {
		return [
			mistake(
				`proxmox.snapshotsBeforeChange: the storage ${storage}${where} (proxmox.${key}) is of the type ${status.type}, which takes no snapshot of a raw disk`,
				`remove proxmox.snapshotsBeforeChange, or name a storage of the type ${takingSnapshots.join(", ")}`,
			),
		];
	}
	const available = (status.avail ?? Number.POSITIVE_INFINITY) / GiB;
	if (wanted <= available) {
		return [];
	}
	const wrong = `${what}${where} has ${Math.floor(available)} GiB left, and the new disks may take ${wanted} GiB`;
	const mend = "make disks smaller, or the storage larger";
	// Only these allocate a disk as a whole; the volumes of the others are thin.
	return [["lvm", "iscsidirect"].includes(status.type) ? mistake(wrong, mend) : warning(wrong, mend)];
}
