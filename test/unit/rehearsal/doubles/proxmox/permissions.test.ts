import { describe, expect, test } from "vitest";
import type { AclEntry } from "../../../../../rehearsal/doubles/proxmox/descriptions.ts";
import { createVm, downloadImage, leastPrivileges, startLab, token, vmOptions } from "./fixture.ts";

const gpu = { hostpci0: "mapping=rtx-a4000,pcie=1,rombar=1,x-vga=0" };

function without(privilege: string): AclEntry[] {
	return leastPrivileges.map((entry) => ({
		...entry,
		privileges: entry.privileges.filter((candidate) => candidate !== privilege),
	}));
}

test("the least privileges suffice for the life of a VM with a GPU", async () => {
	const lab = await startLab();
	const vm = "/nodes/node02/qemu/104";
	expect(await createVm(lab, 104, "node02", gpu)).toBe("OK");
	expect((await lab.put(`${vm}/config`, { memory: "4096", tags: "x", startup: "order=1" })).status).toBe(200);
	expect((await lab.put(`${vm}/cloudinit`, {})).status).toBe(200);
	expect((await lab.get(`${vm}/agent/network-get-interfaces`)).status).toBe(200);
	expect((await lab.get("/nodes/node02/storage/local-lvm/content/local-lvm:vm-104-disk-0")).status).toBe(200);
	await lab.exitStatus(lab.post(`${vm}/status/shutdown`));
	expect(await lab.exitStatus(lab.delete(`${vm}/?destroy-unreferenced-disks=1&purge=1`))).toBe("OK");
	const imagePath = "/nodes/node02/storage/local/content/local:import%2Fdebian-13.qcow2";
	expect(await lab.exitStatus(lab.delete(imagePath))).toBe("OK");
});

describe("creating a VM without one privilege is refused with its name", () => {
	test.each([
		["VM.Allocate", "/vms/104, VM.Allocate"],
		["VM.Config.CPU", "/vms/104, VM.Config.CPU"],
		["VM.Config.Memory", "/vms/104, VM.Config.Memory"],
		["VM.Config.HWType", "/vms/104, VM.Config.HWType"],
		["VM.Config.Options", "/vms/104, VM.Config.Options"],
		["VM.Config.Network", "/vms/104, VM.Config.Network"],
		["Datastore.AllocateSpace", "/storage/local-lvm, Datastore.AllocateSpace"],
		["SDN.Use", "/sdn/zones/localnetwork/vmbr1/20, SDN.Use"],
		["Mapping.Use", "/mapping/pci/rtx-a4000, Mapping.Use"],
		["Sys.Modify", "/, Sys.Modify"],
	])("%s", async (privilege, what) => {
		const lab = await startLab({ tokens: [{ ...token, userAcl: without(privilege) }] });
		await downloadImage(lab, "node02");
		expect(await lab.post("/nodes/node02/qemu", vmOptions(104, gpu))).toMatchObject({
			status: 403,
			reason: `Permission check failed (${what})`,
		});
	});
});

describe("other calls are refused without their privilege", () => {
	test.each([
		["Sys.AccessNetwork", "GET", "/nodes/node01/query-url-metadata?url=https%3A%2F%2Fimages.example.org%2Fx.qcow2"],
		["Sys.AccessNetwork", "POST", "/nodes/node01/storage/local/download-url"],
		["Datastore.AllocateTemplate", "POST", "/nodes/node01/storage/local/download-url"],
		["Datastore.Allocate", "DELETE", "/nodes/node01/storage/local/content/local:import/debian-13.qcow2"],
		["Datastore.Audit", "GET", "/nodes/node01/storage/local-lvm/content/local-lvm:vm-104-disk-0"],
		["VM.Config.Disk", "GET", "/nodes/node01/storage/local-lvm/content/local-lvm:vm-104-disk-0"],
		["VM.Audit", "GET", "/nodes/node01/qemu/104/config"],
		["VM.Audit", "GET", "/nodes/node01/qemu/104/status/current"],
		["VM.PowerMgmt", "POST", "/nodes/node01/qemu/104/status/start"],
		["VM.Config.Cloudinit", "PUT", "/nodes/node01/qemu/104/cloudinit"],
		["VM.GuestAgent.Audit", "GET", "/nodes/node01/qemu/104/agent/network-get-interfaces"],
		["VM.Allocate", "DELETE", "/nodes/node01/qemu/104"],
		["VM.Audit", "GET", "/nodes/node01/qemu/104/firewall/rules"],
		["VM.Config.Network", "POST", "/nodes/node01/qemu/104/firewall/rules"],
		["VM.Config.Network", "POST", "/nodes/node01/qemu/104/firewall/ipset"],
		["VM.Config.Network", "PUT", "/nodes/node01/qemu/104/firewall/options"],
	])("%s: %s %s", async (privilege, method, path) => {
		const other = { id: "other@pve!less", secret: "33333333", userAcl: without(privilege) };
		const lab = await startLab({ tokens: [{ ...token, userAcl: leastPrivileges }, other] });
		await createVm(lab);
		const answer = await lab.call(method, path, undefined, `PVEAPIToken=${other.id}=${other.secret}`);
		expect(answer).toMatchObject({ status: 403, reason: expect.stringContaining("Permission check failed") });
	});
});

test.each([
	["VM.Config.Network", ["VM.Config.Cloudinit"], 200],
	["VM.Config.Cloudinit", ["VM.Config.Network"], 200],
	["VM.Audit", ["VM.Config.Network", "VM.Config.Cloudinit"], 403],
])("%s suffices for cloud-init's options without %j: answer %d", async (_, missing, status) => {
	const userAcl = leastPrivileges.map((entry) => ({
		...entry,
		privileges: entry.privileges.filter((privilege) => !missing.includes(privilege)),
	}));
	const other = { id: "other@pve!less", secret: "33333333", userAcl };
	const lab = await startLab({ tokens: [{ ...token, userAcl: leastPrivileges }, other] });
	await createVm(lab);
	const authorization = `PVEAPIToken=${other.id}=${other.secret}`;
	expect((await lab.call("PUT", "/nodes/node01/qemu/104/config", "ciupgrade=0", authorization)).status).toBe(status);
});

describe("a change of a drive is refused when the token lacks a privilege, and the error names the privilege", () => {
	test.each([
		["VM.Config.Disk", { scsi0: "file=local-lvm:vm-104-disk-1,discard=ignore" }],
		["VM.Config.Disk", { delete: "scsi0" }],
		["VM.Config.CDROM", { ide0: "file=none,media=cdrom,aio=native" }],
		["VM.Config.CDROM", { delete: "ide2" }],
		["VM.Config.Cloudinit", { delete: "ide2" }],
	])("%s: %o", async (privilege, options) => {
		const other = { id: "other@pve!less", secret: "33333333", userAcl: without(privilege) };
		const lab = await startLab({ tokens: [{ ...token, userAcl: leastPrivileges }, other] });
		await createVm(lab);
		const body = new URLSearchParams(options).toString();
		const authorization = `PVEAPIToken=${other.id}=${other.secret}`;
		expect(await lab.call("PUT", "/nodes/node01/qemu/104/config", body, authorization)).toMatchObject({
			status: 403,
			reason: `Permission check failed (/vms/104, ${privilege})`,
		});
	});
});

test("lists have only objects that the token may read", async () => {
	const other = {
		id: "other@pve!audit",
		secret: "33333333",
		userAcl: [{ path: "/storage", privileges: ["Datastore.Audit"] }],
	};
	const lab = await startLab({ pools: ["rke2"], tokens: [{ ...token, userAcl: leastPrivileges }, other] });
	await createVm(lab);
	const see = (path: string) => lab.call("GET", path, undefined, `PVEAPIToken=${other.id}=${other.secret}`);
	expect((await see("/cluster/resources?type=vm")).data).toEqual([]);
	expect((await see("/nodes/node01/qemu")).data).toEqual([]);
	expect((await see("/pools")).data).toEqual([]);
	expect((await see("/cluster/mapping/pci")).data).toEqual([]);
	expect((await see("/nodes/node01/storage/local-lvm/content")).data).toEqual([]);
	expect((await see("/nodes/node01/storage/local/content")).data).toHaveLength(1);

	const { data: upid } = await lab.post("/nodes/node01/qemu/104/status/stop");
	const task = `/nodes/node01/tasks/${encodeURIComponent(upid)}`;
	for (const part of ["status", "log"]) {
		expect((await see(`${task}/${part}`)).reason).toBe("Permission check failed (/nodes/node01, Sys.Audit)");
	}
});

describe("actions that are refused to every token", () => {
	const root = { id: "root@pam!full", secret: token.secret, userAcl: [] };
	test.each([
		[
			"a device by its address",
			{ hostpci0: "host=0000:0b:00.0,pcie=1" },
			"only root can set 'hostpci0' config for non-mapped devices",
		],
		["QEMU arguments", { args: "-cpu host" }, "only root can set 'args' config"],
		["a hook script", { hookscript: "local:snippets/x.sh" }, "only root can set 'hookscript' config"],
		["a serial device of the host", { serial0: "/dev/ttyS0" }, "only root can set 'serial0' config for real devices"],
		["a disk by its path", { scsi1: "file=/dev/sda" }, "Only root can pass arbitrary filesystem paths."],
	])("%s", async (_, options, reason) => {
		const lab = await startLab({ tokens: [root] });
		const body = new URLSearchParams(vmOptions(104, options)).toString();
		const answer = await lab.call("POST", "/nodes/node01/qemu", body, `PVEAPIToken=${root.id}=${root.secret}`);
		expect(answer).toMatchObject({ status: 500, reason });
	});
});

test("a drive needs Sys.Console when it is the host's CD-ROM", async () => {
	const lab = await startLab();
	await downloadImage(lab);
	const cdrom = { ide3: "file=cdrom,media=cdrom" };
	expect((await lab.post("/nodes/node01/qemu", vmOptions(104, cdrom))).reason).toBe(
		"Permission check failed (/, Sys.Console)",
	);
});

describe("the access control list", () => {
	const call = async (tokens: Parameters<typeof startLab>[0]) => {
		const lab = await startLab(tokens);
		return (await lab.get("/nodes/node01/storage/local/status")).status;
	};
	const audit = (path: string, propagate?: boolean): AclEntry => ({ path, privileges: ["Datastore.Audit"], propagate });

	test("an entry replaces inherited entries", async () => {
		const nothing = { path: "/storage/local", privileges: [] };
		expect(await call({ tokens: [{ ...token, userAcl: [audit("/")] }] })).toBe(200);
		expect(await call({ tokens: [{ ...token, userAcl: [audit("/"), nothing] }] })).toBe(403);
	});

	test("an entry applies to its own path only when it does not propagate", async () => {
		expect(await call({ tokens: [{ ...token, userAcl: [audit("/storage", false)] }] })).toBe(403);
	});

	test("a token has the common privileges of both lists when it has privilege separation", async () => {
		const both = { userAcl: [audit("/storage")], tokenAcl: [audit("/storage")] };
		expect(await call({ tokens: [{ ...token, ...both }] })).toBe(200);
		expect(await call({ tokens: [{ ...token, ...both, tokenAcl: [] }] })).toBe(403);
		expect(await call({ tokens: [{ ...token, ...both, userAcl: [] }] })).toBe(403);
	});

	test("privileges on a pool apply to the VMs in it", async () => {
		const pooled = leastPrivileges.map((entry) => (entry.path === "/vms" ? { ...entry, path: "/pool/rke2" } : entry));
		const lab = await startLab({ pools: ["rke2"], tokens: [{ ...token, userAcl: pooled }] });
		await downloadImage(lab);
		expect((await lab.post("/nodes/node01/qemu", vmOptions(104))).status).toBe(403);
		expect(await lab.exitStatus(lab.post("/nodes/node01/qemu", vmOptions(104, { pool: "rke2" })))).toBe("OK");
		expect((await lab.get("/nodes/node01/qemu/104/config")).status).toBe(200);
		await lab.exitStatus(lab.delete("/nodes/node01/qemu/104"));
		expect((await lab.post("/nodes/node01/qemu", vmOptions(104))).status).toBe(403);
	});

	test("an entry for one VM is removed with the VM", async () => {
		const perVm = leastPrivileges.map((entry) => (entry.path === "/vms" ? { ...entry, path: "/vms/104" } : entry));
		const lab = await startLab({ tokens: [{ ...token, userAcl: perVm }] });
		await createVm(lab);
		await lab.exitStatus(lab.post("/nodes/node01/qemu/104/status/stop"));
		await lab.exitStatus(lab.delete("/nodes/node01/qemu/104"));
		expect((await lab.post("/nodes/node01/qemu", vmOptions(104))).reason).toBe(
			"Permission check failed (/vms/104, VM.Allocate)",
		);
	});
});
