import { describe, expect, test, vi } from "vitest";
import { createVm, downloadImage, leastPrivileges, startLab, token, vmOptions } from "./fixture.ts";

const vm = "/nodes/node01/qemu/104";

describe("creating a VM as the provider does", () => {
	test("stores the canonical configuration, with volumes instead of requests", async () => {
		const lab = await startLab();
		await downloadImage(lab);
		expect(await lab.exitStatus(lab.post("/nodes/node01/qemu", vmOptions(104)))).toBe("OK");
		await lab.exitStatus(lab.put(`${vm}/resize`, { disk: "scsi0", size: "42949672960" }));

		const { data } = await lab.get(`${vm}/config`);
		expect(data).toMatchObject({
			efidisk0: "local-lvm:vm-104-disk-0,efitype=4m,pre-enrolled-keys=0,size=4M",
			ide0: "none,media=cdrom",
			ide2: "local-lvm:vm-104-cloudinit,media=cdrom,size=4M",
			scsi0:
				"local-lvm:vm-104-disk-1,aio=io_uring,backup=1,cache=none,discard=on,iothread=1,replicate=1,size=40G,ssd=1",
			net0: "virtio=BC:24:11:00:01:04,bridge=vmbr1,firewall=0,tag=20",
			tags: "control-plane;rke2",
			cores: 8,
			memory: "8192",
			onboot: 1,
			digest: expect.stringMatching(/^[0-9a-f]{40}$/),
			smbios1: expect.stringMatching(/^uuid=/),
		});
		expect(data).not.toHaveProperty("template");
		expect(data).not.toHaveProperty("vmid");
		expect((await lab.get("/nodes/node01/storage/local-lvm/content/local-lvm:vm-104-disk-1")).data).toMatchObject({
			format: "raw",
			size: 40 * 2 ** 30,
		});
	});

	test("locks the VM and refuses changes until the task has ended", async () => {
		const lab = await startLab({ taskDelays: { qmcreate: 200 } });
		await downloadImage(lab);
		const created = lab.post("/nodes/node01/qemu", vmOptions(104));
		await created;
		expect((await lab.get(`${vm}/status/current`)).data).toMatchObject({ lock: "create", status: "stopped" });
		expect((await lab.put(`${vm}/config`, { memory: "4096" })).reason).toBe("VM is locked (create)");
		expect(await lab.exitStatus(created)).toBe("OK");
	});

	test("fails its task and leaves nothing when the image is not on that host", async () => {
		const lab = await startLab();
		await downloadImage(lab, "node02");
		expect(await lab.exitStatus(lab.post("/nodes/node01/qemu", vmOptions(104)))).toBe(
			"unable to create VM 104 - volume 'local:import/debian-13.qcow2' does not exist",
		);
		expect(lab.proxmox.state()).toMatchObject({ vms: [], volumes: [{ host: "node02" }] });
	});

	test("frees its volumes when a later disk cannot be made", async () => {
		const lab = await startLab();
		await downloadImage(lab);
		const failed = lab.post("/nodes/node01/qemu", vmOptions(104, { scsi1: "file=local-lvm:8,format=qcow2" }));
		expect(await lab.exitStatus(failed)).toBe("unable to create VM 104 - unsupported format 'qcow2'");
		expect(lab.proxmox.state()).toMatchObject({ vms: [], volumes: [{ content: "import" }] });
	});

	test("refuses an id when any host has it", async () => {
		const lab = await startLab();
		await createVm(lab);
		await downloadImage(lab, "node02");
		expect(await lab.post("/nodes/node02/qemu", vmOptions(104))).toMatchObject({
			status: 500,
			reason: "unable to create VM 104 - VM 104 already exists on node 'node01'",
		});
	});

	test("names every option that the schema does not have", async () => {
		const lab = await startLab();
		await downloadImage(lab);
		const mistakes = {
			floppy9: "x",
			tags: "Bad Tag!",
			net0: "model=virtio,bridge=vmbr1,tag=70000",
			name: "under_score",
		};
		const answer = await lab.post("/nodes/node01/qemu", vmOptions(104, mistakes));
		expect(answer).toMatchObject({ status: 400, reason: "Parameter verification failed." });
		expect(Object.keys(answer.errors ?? {}).sort()).toEqual(["floppy9", "name", "net0", "tags"]);
	});
});

describe("starting a VM", () => {
	test.each([
		[8, "rke2-data"],
		[9, "drive-scsi1"],
	] as const)(
		"shows the guest of version %i a blank disk with its serial number, that calls itself %s",
		async (version, deviceId) => {
			const lab = await startLab({ version });
			expect(await createVm(lab, 104, "node01", { scsi1: "file=local-lvm:100,serial=rke2-data" })).toBe("OK");
			expect(lab.hypervisor.running.get(104)!.dataDisks).toEqual([
				{ serial: "rke2-data", deviceId, sizeBytes: 100 * 2 ** 30, volume: expect.stringContaining("disk-2") },
			]);
		},
	);

	test("passes the machine of the configuration to the hypervisor", async () => {
		const lab = await startLab();
		expect(await createVm(lab)).toBe("OK");
		expect(lab.hypervisor.running.get(104)).toEqual({
			vmId: 104,
			name: "proj-k8sm01",
			host: "node01",
			cores: 8,
			memoryMiB: 8192,
			systemBytes: 40 * 2 ** 30,
			nics: [{ bridge: "vmbr1", tag: 20, mac: "BC:24:11:00:01:04", linkDown: false }],
			cloudInit: {
				hostname: "proj-k8sm01",
				user: "ops",
				sshKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA ops@lab", "ssh-ed25519 BBBB second"],
				addresses: [{ cidr: "10.25.20.4/24", gateway: "10.25.20.1" }],
				nameservers: ["10.25.20.3", "10.25.10.3"],
				searchDomain: "lab.internal",
				upgradesPackages: true,
			},
			systemVolume: "node01_local-lvm_vm-104-disk-1",
		});
		expect((await lab.get("/cluster/resources?type=vm")).data).toMatchObject([
			{ vmid: 104, node: "node01", status: "running", name: "proj-k8sm01" },
		]);
	});

	test("gives the machine the search domain of its host when it has none", async () => {
		const lab = await startLab();
		await createVm(lab);
		expect(await lab.exitStatus(lab.post(`${vm}/status/stop`))).toBe("OK");
		await lab.put(`${vm}/config`, { delete: "searchdomain" });
		expect(await lab.exitStatus(lab.post(`${vm}/status/start`))).toBe("OK");
		expect(lab.hypervisor.running.get(104)!.cloudInit.searchDomain).toBe("proxmox.internal");
	});

	test("makes the machine upgrade its packages, unless that is switched off", async () => {
		const lab = await startLab();
		expect(await createVm(lab, 104, "node01", { ciupgrade: "0" })).toBe("OK");
		expect(lab.hypervisor.running.get(104)!.cloudInit.upgradesPackages).toBe(false);
		expect((await lab.get("/nodes/node01/qemu/104/config")).data).toMatchObject({ ciupgrade: 0 });
	});

	test("boots no machine and has no agent when the disk is blank", async () => {
		const lab = await startLab();
		await lab.exitStatus(lab.post("/nodes/node01/qemu", vmOptions(104, { scsi0: "file=local-lvm:32" })));
		expect(await lab.exitStatus(lab.post(`${vm}/status/start`))).toBe("OK");
		expect(lab.hypervisor.running.size).toBe(0);
		expect((await lab.get(`${vm}/agent/network-get-interfaces`)).reason).toBe("QEMU guest agent is not running");
	});

	test.each([
		["a bridge that the host does not have", { net0: "model=virtio,bridge=vmbr7" }, "bridge 'vmbr7' does not exist"],
		["more cores than the host has", { cores: "17" }, "MAX 16 vcpus allowed per VM on this node"],
		["more memory than the host has", { memory: "65537" }, "start failed: QEMU exited with code 1"],
		[
			"an address by DHCP",
			{ ipconfig0: "ip=dhcp" },
			"ipconfig0 has no static IPv4 address, and no DHCP server answers",
		],
	])("fails for %s", async (_, options, message) => {
		const everyBridge = { path: "/sdn/zones", privileges: ["SDN.Use"] };
		const lab = await startLab({ tokens: [{ ...token, userAcl: [...leastPrivileges, everyBridge] }] });
		expect(await createVm(lab, 104, "node01", options)).toContain(message);
		expect((await lab.get(`${vm}/status/current`)).data.status).toBe("stopped");
	});

	test("fails when other VMs use the host's memory", async () => {
		const lab = await startLab();
		await createVm(lab, 104, "node01", { memory: "40960" });
		expect(await createVm(lab, 105, "node01", { memory: "32768" })).toBe("start failed: QEMU exited with code 1");
		await lab.exitStatus(lab.post(`${vm}/status/stop`));
		expect(await lab.exitStatus(lab.post("/nodes/node01/qemu/105/status/start"))).toBe("OK");
	});

	test("waits for other tasks of the VM, and fails when it runs then", async () => {
		const lab = await startLab();
		await createVm(lab);
		await lab.exitStatus(lab.post(`${vm}/status/stop`));
		const starts = [1, 2].map(() => lab.exitStatus(lab.post(`${vm}/status/start`)));
		expect((await Promise.all(starts)).sort()).toEqual(["OK", "VM 104 already running"]);
	});
});

describe("the guest agent", () => {
	test("reports the guest's interfaces when it answers", async () => {
		const lab = await startLab();
		await createVm(lab);
		lab.hypervisor.agentAnswers = false;
		expect((await lab.get(`${vm}/agent/network-get-interfaces`)).reason).toBe("QEMU guest agent is not running");
		lab.hypervisor.agentAnswers = true;
		expect((await lab.get(`${vm}/agent/network-get-interfaces`)).data.result).toEqual([
			{
				name: "eth0",
				"hardware-address": "bc:24:11:00:01:04",
				"ip-addresses": [{ "ip-address": "10.25.20.4", "ip-address-type": "ipv4", prefix: 24 }],
			},
		]);
	});

	test("reads a file of the guest when it answers and the token may read it", async () => {
		const fileReader = [{ path: "/vms", privileges: ["VM.GuestAgent.FileRead"] }];
		const reader = { id: "reader@pve!files", secret: "33333333", userAcl: fileReader };
		const lab = await startLab({ tokens: [{ ...token, userAcl: leastPrivileges }, reader] });
		await createVm(lab);
		lab.hypervisor.files["/etc/hostname"] = "proj-k8sm01\n";
		const file = (path: string) => `${vm}/agent/file-read?file=${encodeURIComponent(path)}`;
		const read = (path: string) => lab.call("GET", file(path), undefined, `PVEAPIToken=${reader.id}=${reader.secret}`);
		expect((await read("/etc/hostname")).data).toEqual({ content: "proj-k8sm01\n", "bytes-read": 12 });
		expect(await read("/etc/none")).toMatchObject({
			status: 500,
			reason: "Agent error: failed to open file '/etc/none' (mode: 'r'): No such file or directory",
		});
		lab.hypervisor.agentAnswers = false;
		expect(await read("/etc/hostname")).toMatchObject({ status: 500, reason: "QEMU guest agent is not running" });
		expect((await lab.get(file("/etc/hostname"))).reason).toBe(
			"Permission check failed (/vms/104, VM.GuestAgent.FileRead|VM.GuestAgent.Unrestricted)",
		);
	});
});

describe("changing a running VM", () => {
	test("a change of memory is displayed at once and reaches the machine after a power cycle", async () => {
		const lab = await startLab();
		await createVm(lab);
		expect((await lab.put(`${vm}/config`, { memory: "16384", name: "proj-k8sm01" })).status).toBe(200);
		expect((await lab.get(`${vm}/config`)).data.memory).toBe("16384");
		expect((await lab.get(`${vm}/config?current=1`)).data.memory).toBe("8192");

		expect(await lab.exitStatus(lab.post(`${vm}/status/reboot`))).toBe("OK");
		// The task ends when the guest is off.
		await vi.waitFor(() => expect(lab.hypervisor.running.get(104)?.memoryMiB).toBe(16384), { timeout: 10_000 });
		expect((await lab.get(`${vm}/config?current=1`)).data.memory).toBe("16384");
	});

	test("a pulled cable, tags and protection act at once", async () => {
		const lab = await startLab();
		await createVm(lab);
		const net0 = "model=virtio,macaddr=BC:24:11:00:01:04,bridge=vmbr1,tag=20";
		await lab.put(`${vm}/config`, { net0: `${net0},link_down=1`, tags: "b;a", protection: "1" });
		await lab.put(`${vm}/config`, { net0 });
		expect(lab.hypervisor.cables).toEqual([
			{ vmId: 104, nic: 0, up: false },
			{ vmId: 104, nic: 0, up: true },
		]);
		expect((await lab.get(`${vm}/config?current=1`)).data).toMatchObject({ tags: "a;b", protection: 1 });
	});

	test.each([
		["cores", "waits", { cores: "4" }],
		["the machine type", "waits", { machine: "pc" }],
		["ballooning switched on", "waits", { balloon: "2048" }],
		["the agent's channel", "waits", { agent: "enabled=0" }],
		["how a disk is attached", "waits", { scsi0: "file=local-lvm:vm-104-disk-1,discard=ignore" }],
		["the EFI variables", "waits", { efidisk0: "file=local-lvm:1,efitype=4m,pre-enrolled-keys=1" }],
		["a new disk on a bus without hot-plug", "waits", { sata0: "file=local-lvm:8" }],
		["a new disk on a bus with hot-plug", "acts", { scsi1: "file=local-lvm:8" }],
		["a description", "acts", { description: "x" }],
		["the rate of a NIC", "acts", { net0: "virtio=BC:24:11:00:01:04,bridge=vmbr1,tag=20,rate=10" }],
	])("a change of %s %s", async (_, effect, options) => {
		const lab = await startLab();
		await createVm(lab);
		const before = (await lab.get(`${vm}/config?current=1`)).data;
		expect((await lab.put(`${vm}/config`, options)).status).toBe(200);
		const [option = ""] = Object.keys(options);
		const after = (await lab.get(`${vm}/config?current=1`)).data;
		expect(after[option] === before[option] ? "waits" : "acts").toBe(effect);
		expect((await lab.get(`${vm}/config`)).data[option]).not.toBe(before[option]);
	});

	test.each([
		[
			"a boot order with a device that is not there",
			{ boot: "order=virtio0" },
			"invalid bootorder: device 'virtio0' does not exist'",
		],
		[
			"more ballooning than memory",
			{ balloon: "9000" },
			"balloon value too large (must be smaller than assigned memory)",
		],
		[
			"a second cloud-init drive",
			{ ide1: "file=local-lvm:cloudinit" },
			"ide1 - cloud-init drive is already attached at 'ide2'",
		],
		["nothing at all", {}, "no options specified"],
		["setting and deleting one option", { tags: "x", delete: "tags" }, "Parameter verification failed."],
	])("%s is refused", async (_, options, reason) => {
		const lab = await startLab();
		await createVm(lab);
		expect((await lab.put(`${vm}/config`, options)).reason).toBe(reason);
	});

	test("a protected VM keeps its disks", async () => {
		const lab = await startLab();
		await createVm(lab, 104, "node01", { protection: "1" });
		expect((await lab.put(`${vm}/config`, { delete: "scsi0" })).reason).toBe(
			"can't remove drive 'scsi0' - protection mode enabled",
		);
	});

	test("a removed drive leaves the boot order, and a cloud-init drive is deleted", async () => {
		const lab = await startLab();
		await createVm(lab);
		await lab.exitStatus(lab.post(`${vm}/status/stop`));
		await lab.put(`${vm}/config`, { delete: "scsi0,ide2" });
		const { data } = await lab.get(`${vm}/config`);
		expect(data).toMatchObject({ boot: "order=net0", unused0: "local-lvm:vm-104-disk-1" });
		expect(lab.proxmox.state().volumes.map(({ id }) => id)).not.toContain("local-lvm:vm-104-cloudinit");
	});

	test("a pending disk stays as unused when it is replaced or removed", async () => {
		const lab = await startLab();
		await createVm(lab);
		await lab.put(`${vm}/config`, { sata0: "file=local-lvm:8" });
		await lab.put(`${vm}/config`, { sata0: "file=local-lvm:16" });
		await lab.put(`${vm}/config`, { delete: "sata0" });
		const { data } = await lab.get(`${vm}/config`);
		expect(data).toMatchObject({ unused0: "local-lvm:vm-104-disk-2", unused1: "local-lvm:vm-104-disk-3" });
		expect(data).not.toHaveProperty("sata0");
	});

	test("a removed disk stays as unused, and an unset option is ignored when it is removed", async () => {
		const lab = await startLab();
		await createVm(lab, 104, "node01", { scsi1: "file=local-lvm:8" });
		expect((await lab.put(`${vm}/config`, { delete: "scsi1,hostpci0,hostpci1" })).status).toBe(200);
		expect((await lab.get(`${vm}/config`)).data).toMatchObject({ unused0: "local-lvm:vm-104-disk-2" });
		await lab.put(`${vm}/config`, { delete: "unused0" });
		expect(lab.proxmox.state().volumes.map(({ id }) => id)).not.toContain("local-lvm:vm-104-disk-2");
	});

	test("a disk grows and never shrinks", async () => {
		const lab = await startLab();
		await createVm(lab);
		const resize = (size: string) => lab.exitStatus(lab.put(`${vm}/resize`, { disk: "scsi0", size }));
		expect(await resize("+10G")).toBe("OK");
		expect((await lab.get(`${vm}/config`)).data.scsi0).toContain("size=50G");
		expect(await resize("42949672960")).toBe("shrinking disks is not supported");
		const cdrom = lab.put(`${vm}/resize`, { disk: "ide2", size: "1G" });
		expect(await lab.exitStatus(cdrom)).toBe("you can't resize a cdrom");
	});

	test("a disk cannot become smaller than its image", async () => {
		const lab = await startLab();
		await downloadImage(lab);
		await lab.exitStatus(lab.post("/nodes/node01/qemu", vmOptions(104)));
		const smaller = lab.put(`${vm}/resize`, { disk: "scsi0", size: "2G" });
		expect(await lab.exitStatus(smaller)).toBe("shrinking disks is not supported");
	});

	test("a change is refused when its digest is outdated", async () => {
		const lab = await startLab();
		await createVm(lab);
		const { digest } = (await lab.get(`${vm}/config`)).data;
		await lab.put(`${vm}/config`, { tags: "x" });
		expect((await lab.put(`${vm}/config`, { tags: "y", digest })).reason).toContain("checksum mismatch");
	});
});

describe("power", () => {
	test("a VM is stopped and releases its memory when its guest powers off", async () => {
		const lab = await startLab();
		await createVm(lab, 104, "node01", { memory: "60000" });
		lab.hypervisor.powerOffFromInside(104);
		expect((await lab.get(`${vm}/status/current`)).data.status).toBe("stopped");
		expect(await createVm(lab, 105, "node01", { memory: "60000" })).toBe("OK");
	});

	test("a VM is stopped only with forceStop when its guest ignores the power button", async () => {
		const lab = await startLab();
		await createVm(lab);
		lab.hypervisor.ignoresPowerButton = true;
		expect(await lab.exitStatus(lab.post(`${vm}/status/shutdown`, { timeout: "1" }))).toContain("got timeout");
		expect(lab.hypervisor.isRunning(104)).toBe(true);
		expect(await lab.exitStatus(lab.post(`${vm}/status/shutdown`, { timeout: "1", forceStop: "1" }))).toBe("OK");
		expect(lab.hypervisor.isRunning(104)).toBe(false);
	});
});

describe("deleting a VM", () => {
	test("leaves no volume in Proxmox or the hypervisor", async () => {
		const lab = await startLab();
		await createVm(lab, 104, "node01", { scsi1: "file=local-lvm:8" });
		await lab.put(`${vm}/config`, { delete: "scsi1" });
		await lab.exitStatus(lab.post(`${vm}/status/shutdown`));
		const destroyed = lab.delete(`${vm}/?destroy-unreferenced-disks=1&purge=1`);
		expect(await lab.exitStatus(destroyed)).toBe("OK");

		expect(lab.proxmox.state()).toMatchObject({ vms: [], volumes: [{ content: "import" }], runningTasks: [] });
		expect(lab.hypervisor.deletedVolumes).toContain("node01_local-lvm_vm-104-disk-1");
		expect((await lab.get(`${vm}/status/current`)).reason).toBe(
			"Configuration file 'nodes/node01/qemu-server/104.conf' does not exist",
		);
	});

	test("is refused while it runs or is protected", async () => {
		const lab = await startLab();
		await createVm(lab);
		expect((await lab.delete(vm)).reason).toBe("VM 104 is running - destroy failed");
		await lab.put(`${vm}/config`, { protection: "1" });
		await lab.exitStatus(lab.post(`${vm}/status/stop`));
		expect((await lab.delete(vm)).reason).toBe("can't remove VM 104 - protection mode enabled");
	});
});
