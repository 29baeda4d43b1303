import { expect, test } from "vitest";
import { createVm, leastPrivileges, startLab, token } from "./proxmox-double-fixture.ts";

const cloner = { path: "/vms", privileges: [...leastPrivileges[0]!.privileges, "VM.Clone"] };
const tokens = [{ ...token, userAcl: [cloner, ...leastPrivileges.slice(1)] }];
const qemu = "/nodes/node01/qemu";

test("a template's disks become base volumes, and it no longer starts", async () => {
	const lab = await startLab();
	await createVm(lab);
	expect((await lab.post(`${qemu}/104/template`)).reason).toBe("you can't convert a VM to template if VM is running");
	await lab.exitStatus(lab.post(`${qemu}/104/status/stop`));
	expect(await lab.exitStatus(lab.post(`${qemu}/104/template`))).toBe("OK");
	expect((await lab.get(`${qemu}/104/config`)).data).toMatchObject({
		template: 1,
		scsi0: expect.stringContaining("local-lvm:base-104-disk-1,"),
	});
	expect(await lab.exitStatus(lab.post(`${qemu}/104/status/start`))).toBe("you can't start a vm if it's a template");
});

test("a full clone has disks, MAC address and identifiers of its own", async () => {
	const lab = await startLab({ tokens });
	await createVm(lab);
	await lab.exitStatus(lab.post(`${qemu}/104/status/stop`));
	const cloned = lab.post(`${qemu}/104/clone`, { newid: "105", name: "proj-k8sm02", full: "1" });
	expect(await lab.exitStatus(cloned)).toBe("OK");

	const source = (await lab.get(`${qemu}/104/config`)).data;
	const clone = (await lab.get(`${qemu}/105/config`)).data;
	expect(clone).toMatchObject({
		name: "proj-k8sm02",
		ide2: "local-lvm:vm-105-cloudinit,media=cdrom,size=4M",
		scsi0: source.scsi0.replace("vm-104", "vm-105"),
		net0: expect.stringMatching(/^virtio=BC:24:11:(..:){2}..,bridge=vmbr1,firewall=0,tag=20$/),
	});
	for (const option of ["net0", "smbios1", "vmgenid"]) expect(clone[option]).not.toBe(source[option]);
	expect(await lab.exitStatus(lab.post(`${qemu}/105/status/start`))).toBe("OK");
});

test("cloning stays on the host whose disks are local", async () => {
	const lab = await startLab({ tokens });
	await createVm(lab);
	const clone = { newid: "105", full: "1", target: "node02" };
	expect((await lab.post(`${qemu}/104/clone`, clone)).reason).toContain("VM uses local storage");
});

test.each([
	["VM.Clone on the source", "/vms/104", "VM.Clone"],
	["VM.Allocate on the clone", "/vms/105", "VM.Allocate"],
])("cloning needs %s", async (_, path, privilege) => {
	const less = { path, privileges: cloner.privileges.filter((candidate) => candidate !== privilege) };
	const lab = await startLab({ tokens: [{ ...tokens[0]!, userAcl: [...tokens[0]!.userAcl, less] }] });
	await createVm(lab);
	expect((await lab.post(`${qemu}/104/clone`, { newid: "105", full: "1" })).reason).toBe(
		`Permission check failed (${path}, ${privilege})`,
	);
});
