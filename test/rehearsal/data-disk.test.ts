/** The script that makes the file system of the local volumes, on machines of Proxmox VE 8 and 9. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scriptText } from "../../components/cluster/scripts.ts";
import type { MachineSpec } from "../../rehearsal/doubles/proxmox/hypervisor.ts";
import { describeRun } from "../../rehearsal/run/run.ts";
import { MachineRoom, machine } from "./support/machine-room.ts";
import { eventually } from "./support/scenario.ts";

const script = (["lib.sh", "data-disk.sh"] as const).map(scriptText).join("\n");
const gib = 2 ** 30;

let room: MachineRoom;

beforeAll(async () => {
	room = await MachineRoom.open(describeRun(`data-disk-${process.pid}`));
});

afterAll(async () => {
	await room.close();
});

/** @param deviceIds device ids of the disks, which all have the same serial number */
function withDisks(spec: MachineSpec, ...deviceIds: string[]): MachineSpec {
	const dataDisks = deviceIds.map((deviceId, index) => ({
		serial: "rke2-data",
		deviceId,
		sizeBytes: gib,
		volume: `node01:local-nvme:vm-${spec.vmId}-disk-${index + 1}`,
	}));
	return { ...spec, dataDisks };
}

/** Prepares two volumes on a disk of 1 GiB. */
function prepare(spec: MachineSpec): Promise<string> {
	return room.ssh(spec, "sudo bash -s", `${script}\nbegin prepare ${spec.name}\nprepare_data_disk 2 1\n`);
}

const versions = [
	{ version: 8, deviceId: "rke2-data", spec: machine(311, "eight", "10.25.20.4") },
	{ version: 9, deviceId: "drive-scsi1", spec: machine(312, "nine", "10.25.20.5") },
];

describe.each(versions)("the data disk of a machine on Proxmox VE $version", ({ deviceId, spec }) => {
	test("is found by its serial number on each version", async () => {
		await room.start(withDisks(spec, deviceId));
		expect(await room.ssh(spec, "ls /dev/disk/by-id")).toBe(`scsi-0QEMU_QEMU_HARDDISK_${deviceId}`);
		await prepare(spec);
		expect(await room.ssh(spec, "findmnt --noheadings --output FSTYPE /mnt/data; ls /mnt/data")).toBe(
			"ext4\nlost+found\nvolume-01\nvolume-02",
		);
		expect(await room.ssh(spec, "findmnt --fstab --noheadings --output SOURCE /mnt/data")).toBe("LABEL=rke2-data");
	});

	test("keeps its files and its one mount when it is prepared again", async () => {
		await room.ssh(spec, "echo kept | sudo tee /mnt/data/volume-01/note");
		await prepare(spec);
		expect(await room.ssh(spec, "cat /mnt/data/volume-01/note; grep -c /mnt/data /etc/fstab /proc/mounts")).toBe(
			"kept\n/etc/fstab:1\n/proc/mounts:1",
		);
	});
});

test("a machine mounts its file system when it starts on version 9 after the upgrade from version 8", async () => {
	const [{ spec }] = versions as [(typeof versions)[0]];
	await room.hypervisor.shutdown(spec.vmId, 30);
	await room.start(withDisks(spec, "drive-scsi1"));
	const note = () => room.ssh(spec, "mountpoint --quiet /mnt/data && cat /mnt/data/volume-01/note");
	expect(await eventually(note)).toBe("kept");
	await prepare(spec);
	expect(await note()).toBe("kept");
});

describe("the preparation is refused and writes nothing when it finds", () => {
	const spec = machine(313, "other", "10.25.20.6");

	test("a disk with another file system", async () => {
		await room.start(withDisks(spec, "drive-scsi1"));
		const byId = "/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_drive-scsi1";
		await room.ssh(spec, `sudo mkfs.ext4 -q -L photos ${byId}`);
		await expect(prepare(spec)).rejects.toThrow(/other: prepare: \/dev\/\S+ is not blank .*wipefs --all/);
		expect(await room.ssh(spec, `sudo blkid --probe --output value --match-tag LABEL ${byId}`)).toBe("photos");
	});

	test("another file system where the data disk belongs", async () => {
		const nine = versions[1]!.spec;
		await room.ssh(nine, "sudo umount /mnt/data && sudo mount -t tmpfs tmpfs /mnt/data");
		await expect(prepare(nine)).rejects.toThrow("/mnt/data is mounted from another device than /dev/");
	});

	test("a second disk with the serial number", async () => {
		await room.hypervisor.shutdown(spec.vmId, 30);
		await room.start(withDisks(spec, "drive-scsi1", "drive-scsi2"));
		await expect(prepare(spec)).rejects.toThrow(
			"other: prepare: several disks have the serial number rke2-data: /dev/",
		);
	});
});
