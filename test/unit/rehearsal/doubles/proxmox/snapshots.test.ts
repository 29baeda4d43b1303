import { expect, test } from "vitest";
import { a4000, createVm, host, type Lab, leastPrivileges, startLab, token } from "./fixture.ts";

const vm = "/nodes/node01/qemu/104";
const snapshots = `${vm}/snapshot`;

function withSnapshots(): typeof leastPrivileges {
	return leastPrivileges.map((entry) =>
		entry.path === "/vms" ? { ...entry, privileges: [...entry.privileges, "VM.Snapshot"] } : entry,
	);
}

async function labWithVm(hostName = "node01", extra: Record<string, string> = {}): Promise<Lab> {
	const lab = await startLab({ tokens: [{ ...token, userAcl: withSnapshots() }] });
	await createVm(lab, 104, hostName, extra);
	return lab;
}

const take = (lab: Lab, snapname: string, more: Record<string, string> = {}) =>
	lab.exitStatus(lab.post(snapshots, { snapname, ...more }));
const remove = (lab: Lab, snapname: string) => lab.exitStatus(lab.delete(`${snapshots}/${snapname}`));
const inOrder = (list: { name: string }[]) => list.toSorted((a, b) => (a.name < b.name ? -1 : 1));

test("a snapshot has the configuration of its moment, and the list ends with the present", async () => {
	const lab = await labWithVm();
	expect((await lab.get(snapshots)).data).toEqual([{ name: "current", description: "You are here!", running: 1 }]);
	expect(await take(lab, "before", { description: 'the "first" one' })).toBe("OK");
	await lab.put(`${vm}/config`, { cores: "6", description: "changed" });
	expect(await take(lab, "after")).toBe("OK");

	const { data } = await lab.get(snapshots);
	expect(data.at(-1)).toMatchObject({ name: "current", parent: "after" });
	const snaptime = expect.any(Number);
	expect(inOrder(data.slice(0, -1))).toEqual([
		{ name: "after", snaptime, vmstate: 0, description: "", parent: "before" },
		{ name: "before", snaptime, vmstate: 0, description: 'the "first" one' },
	]);
	expect((await lab.get(`${snapshots}/before/config`)).data).toMatchObject({
		...{ cores: 8, snaptime, description: 'the "first" one' },
	});
	expect((await lab.get(`${vm}/config`)).data).toMatchObject({ parent: "after", cores: 6 });
});

test("the children of a deleted snapshot get its parent", async () => {
	const lab = await labWithVm();
	for (const name of ["one", "two", "three"]) {
		await take(lab, name);
	}
	expect(await remove(lab, "two")).toBe("OK");
	expect(await remove(lab, "three")).toBe("OK");
	expect((await lab.get(`${vm}/config`)).data.parent).toBe("one");
	expect(await remove(lab, "one")).toBe("OK");
	expect((await lab.get(`${vm}/config`)).data).not.toHaveProperty("parent");
	expect(await remove(lab, "one")).toBe("snapshot 'one' does not exist");
});

test("the VM is locked meanwhile, and a lock refuses a snapshot", async () => {
	const lab = await labWithVm();
	const taken = take(lab, "before");
	const started = Date.now();
	let during: Record<string, unknown> = {};
	while (during.lock === undefined && Date.now() - started < 2_000) {
		during = (await lab.get(`${vm}/config`)).data;
	}
	expect(during.lock).toBe("snapshot");
	expect(during).not.toHaveProperty("parent");
	expect((await lab.get(snapshots)).data[0]).toMatchObject({ name: "before", snapstate: "prepare" });
	expect(await taken).toBe("OK");

	lab.proxmox.faults.lock(104);
	expect(await take(lab, "other")).toBe("VM is locked (backup)");
	expect(await remove(lab, "before")).toBe("VM is locked (backup)");
	lab.proxmox.faults.clear();
	expect(await take(lab, "before")).toBe("snapshot name 'before' already used");
});

test("names that Proxmox does not take are refused", async () => {
	const lab = await labWithVm();
	for (const snapname of ["2026", "a", "with space", "with.dot"]) {
		expect(await lab.post(snapshots, { snapname })).toMatchObject({
			status: 400,
			errors: { snapname: `invalid format - invalid configuration ID '${snapname}'` },
		});
	}
	expect((await lab.post(snapshots, { snapname: "a".repeat(41) })).errors).toEqual({
		snapname: "value may only be 40 characters long",
	});
	expect((await lab.post(snapshots, { snapname: "current" })).reason).toBe(
		"unable to use snapshot name 'current' (reserved name)",
	);
	expect(await take(lab, "a".repeat(40))).toBe("OK");
});

test("memory is saved, apart from that of a running VM with a passed-through device", async () => {
	const lab = await labWithVm();
	expect(await take(lab, "plain", { vmstate: "1" })).toBe("OK");
	expect((await lab.get(snapshots)).data[0].vmstate).toBe(1);

	const other = "/nodes/node02/qemu/105";
	await createVm(lab, 105, "node02", { hostpci0: "mapping=rtx-a4000,pcie=1" });
	const post = (parameters: Record<string, string>) => lab.exitStatus(lab.post(`${other}/snapshot`, parameters));
	expect(await post({ snapname: "gpu", vmstate: "1" })).toBe(
		`VM 105 qmp command 'savevm-start' failed - ${a4000.path}: VFIO migration is not supported in kernel`,
	);
	expect((await lab.get(`${other}/config`)).data).not.toHaveProperty("lock");
	expect((await lab.get(`${other}/snapshot`)).data).toHaveLength(1);
	expect(await post({ snapname: "gpu" })).toBe("OK");
});

test("a disk in a storage without snapshots refuses one", async () => {
	const directory = { name: "files", type: "dir" as const, content: ["images" as const], sizeGiB: 100 };
	const [first, ...others] = [host("node01"), host("node02", [a4000])] as const;
	const hosts = [{ ...first, storages: [...first.storages, directory] }, ...others];
	const acl = [...withSnapshots(), { path: "/storage/files", privileges: ["Datastore.AllocateSpace"] }];
	const lab = await startLab({ hosts, tokens: [{ ...token, userAcl: acl }] });
	await createVm(lab, 104, "node01", { scsi1: "file=files:8,format=raw" });
	expect(await take(lab, "before")).toBe("snapshot feature is not available");
	await createVm(lab, 105, "node01", { scsi1: "file=files:8,format=qcow2" });
	expect(await lab.exitStatus(lab.post("/nodes/node01/qemu/105/snapshot", { snapname: "before" }))).toBe("OK");
});

test("a snapshot needs VM.Snapshot, and a list of them VM.Audit", async () => {
	const lab = await startLab();
	await createVm(lab);
	const denied = { status: 403, reason: "Permission check failed (/vms/104, VM.Snapshot)" };
	expect(await lab.post(snapshots, { snapname: "before" })).toMatchObject(denied);
	expect(await lab.delete(`${snapshots}/before`)).toMatchObject(denied);
	expect(await lab.get(snapshots)).toMatchObject({ status: 200 });
});

test("a disk grows although the VM has a snapshot, and the snapshots vanish with the VM", async () => {
	const lab = await labWithVm();
	await take(lab, "before");
	expect(await lab.exitStatus(lab.put(`${vm}/resize`, { disk: "scsi0", size: "50G" }))).toBe("OK");
	expect((await lab.get(`${snapshots}/before/config`)).data.scsi0).toContain("size=40G");
	await lab.exitStatus(lab.post(`${vm}/status/stop`));
	expect(await lab.exitStatus(lab.delete(vm))).toBe("OK");
	await createVm(lab);
	expect((await lab.get(snapshots)).data).toHaveLength(1);
});
