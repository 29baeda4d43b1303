/**
 * The calls that reach Proxmox. The lists were recorded with the provider plugin of pulumi-proxmoxve 8.6.0. Each run
 * compares them with those of the plugin that the set-up brings.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { RecordedRequest } from "../../rehearsal/doubles/proxmox/server/request-log.ts";
import type { EngineOptions } from "../../rehearsal/engine/engine.ts";
import type { MachineDescription } from "../fixtures/engine-programs/one-machine/src/index.ts";
import { host, type Lab, leastPrivileges, startLab, token } from "../unit/rehearsal/doubles/proxmox/fixture.ts";
import { projectOf, pulumi } from "./harness.ts";

const timeout = 240_000;
const project = projectOf("one-machine");
const checksum = "ab".repeat(32);
const vm = "/nodes/pve1/qemu/9001";
const disk = "aio=io_uring,backup=1,iothread=1,ssd=1,discard=on,cache=none,replicate=1";

const machine: MachineDescription = {
	memoryMiB: 4096,
	vlan: 20,
	diskGiB: 40,
	card: true,
	nameservers: ["10.25.20.1", "10.25.20.2"],
	rebootAfterUpdate: false,
	checksum,
};

const read = [
	"GET /cluster/resources type=vm",
	`GET ${vm}/config`,
	`GET ${vm}/status/current`,
	"GET /nodes/pve1/storage/local-lvm/content/local-lvm:vm-9001-disk-1",
	"GET /nodes/pve1/storage/local-lvm/content/local-lvm:vm-9001-disk-0",
	"GET /pools",
];
const task = "GET /nodes/pve1/tasks/UPID/status";
const start = [`GET ${vm}/status/current`, `POST ${vm}/status/start timeout=1800`, task, `GET ${vm}/status/current`];
const shutdown = [`POST ${vm}/status/shutdown forceStop=1 timeout=1800`, task];
const powerCycle = [`GET ${vm}/status/current`, `GET ${vm}/config`, ...shutdown, ...start];

describe("calls to Proxmox", () => {
	test("create, change and delete a machine", { timeout }, async () => {
		const lab = await startProxmox();
		const options = optionsFor(lab);
		const calls = async (operation: "preview" | "up" | "destroy", wanted: MachineDescription) => {
			lab.proxmox.requests.length = 0;
			const result = await pulumi[operation](options(wanted));
			expect(result.diagnostics).toEqual([]);
			expect(result.succeeded).toBe(true);
			return inOneLine(lab.proxmox.requests);
		};

		expect(await calls("preview", machine)).toEqual([]);
		expect(await calls("up", machine)).toEqual([
			"GET /nodes/pve1/query-url-metadata url=https://images.example/debian.qcow2 verify-certificates=1",
			`POST /nodes/pve1/storage/local/download-url checksum-algorithm=sha256 checksum=${checksum} content=import filename=debian.qcow2 node=pve1 storage=local url=https://images.example/debian.qcow2 verify-certificates=1`,
			task,
			"GET /nodes/pve1/storage/local/content content=import",
			"POST /cluster/mapping/pci description=a card id=card map=id=10de:24b0,node=pve1,path=0000:81:00.0,iommugroup=21,subsystem-id=10de:14ad",
			"GET /cluster/mapping/pci/card",
			`POST /nodes/pve1/qemu acpi=1 agent=enabled=1,fstrim_cloned_disks=1,type=virtio balloon=0 bios=ovmf boot=order=scsi0 ciupgrade=0 ciuser=ops cores=2 cpu=host description=for a test efidisk0=file=local-lvm:1,format=raw,efitype=4m,pre-enrolled-keys=0 hostpci0=mapping=card,pcie=1,rombar=1,x-vga=0 ide0=file=none,media=cdrom, ide2=file=local-lvm:cloudinit, ipconfig0=gw=10.25.20.1,ip=10.25.20.4/24 keyboard=en-us machine=q35 memory=4096 name=machine nameserver=10.25.20.1 10.25.20.2 net0=model=virtio,bridge=vmbr1,firewall=1,tag=20 numa=1 onboot=1 ostype=l26 protection=0 scsi0=file=local-lvm:0,import-from=local:import/debian.qcow2,size=42949672960,${disk} scsihw=virtio-scsi-single serial0=socket sockets=1 sshkeys=ssh-ed25519%20AAAA tablet=1 tags=a;b template=0 vmid=9001`,
			task,
			`PUT ${vm}/resize disk=scsi0 size=42949672960`,
			task,
			...start,
			...read,
		]);
		expect(await calls("up", machine)).toEqual([]);

		const bigger = { ...machine, memoryMiB: 8192 };
		expect(await calls("up", bigger)).toEqual([
			`GET ${vm}/config`,
			`PUT ${vm}/config balloon=0 memory=8192 name=machine`,
			`GET ${vm}/status/current`,
			...read,
		]);

		const rebooting = { ...machine, memoryMiB: 6144, rebootAfterUpdate: true };
		expect(await calls("up", rebooting)).toEqual([
			`GET ${vm}/config`,
			`PUT ${vm}/config balloon=0 memory=6144 name=machine`,
			...powerCycle,
			...read,
		]);

		const grown = { ...rebooting, diskGiB: 60 };
		expect(await calls("up", grown)).toEqual([
			`GET ${vm}/config`,
			`PUT ${vm}/config name=machine scsi0=file=local-lvm:vm-9001-disk-1,${disk}`,
			`GET ${vm}/config`,
			`PUT ${vm}/resize disk=scsi0 size=64424509440`,
			task,
			`PUT ${vm}/config scsi0=file=local-lvm:vm-9001-disk-1,${disk}`,
			`GET ${vm}/status/current`,
			...read,
		]);

		const renamed = { ...grown, nameservers: ["10.25.20.3"] };
		expect(await calls("up", renamed)).toEqual([
			`GET ${vm}/config`,
			`PUT ${vm}/config ciuser=ops ipconfig0=gw=10.25.20.1,ip=10.25.20.4/24 name=machine nameserver=10.25.20.3 sshkeys=ssh-ed25519%20AAAA`,
			`PUT ${vm}/cloudinit`,
			...powerCycle,
			...read,
		]);

		const slots = Array.from({ length: 16 }, (_, slot) => `hostpci${slot}`).join();
		expect(await calls("up", { ...renamed, card: false })).toEqual([
			`GET ${vm}/config`,
			`PUT ${vm}/config delete=${slots} name=machine`,
			...powerCycle,
			...read,
		]);

		expect(await calls("destroy", machine)).toEqual([
			`GET ${vm}/status/current`,
			`GET ${vm}/config`,
			...shutdown,
			`GET ${vm}/status/current`,
			`DELETE ${vm}/ destroy-unreferenced-disks=1 purge=1`,
			task,
			`GET ${vm}/status/current`,
			"DELETE /cluster/mapping/pci/card",
			"DELETE /nodes/pve1/storage/local/content/local:import/debian.qcow2",
		]);
		// The provider does not wait until the image is deleted.
		await expect.poll(() => lab.proxmox.state()).toMatchObject({ vms: [], volumes: [] });
	});

	test("add, grow and remove a data disk", { timeout }, async () => {
		const lab = await startProxmox();
		const options = optionsFor(lab);
		// Which volume is looked up first is left to chance by the plugin.
		const writes = async (dataDiskGiB: number | undefined) => {
			lab.proxmox.requests.length = 0;
			expect((await pulumi.up(options({ ...machine, dataDiskGiB }))).succeeded).toBe(true);
			return inOneLine(lab.proxmox.requests.filter(({ method, path }) => method !== "GET" && path.startsWith(vm)));
		};
		const system = `file=local-lvm:vm-9001-disk-1,${disk}`;
		const options1 = disk.replace("ssd=1", "serial=data,ssd=1");

		expect((await writes(10))[0]).toBe(`PUT ${vm}/resize disk=scsi0 size=42949672960`);
		const created = lab.proxmox.requests.find(({ method, path }) => method === "POST" && path === "/nodes/pve1/qemu");
		expect(created?.parameters.scsi1).toBe(`file=local-lvm:10,size=10737418240,${options1}`);
		expect(await writes(12)).toEqual([
			`PUT ${vm}/config name=machine scsi0=${system} scsi1=file=local-lvm:vm-9001-disk-2,${options1}`,
			`PUT ${vm}/resize disk=scsi1 size=12884901888`,
			`PUT ${vm}/config scsi1=file=local-lvm:vm-9001-disk-2,${options1}`,
		]);
		expect(await writes(undefined)).toEqual([`PUT ${vm}/config delete=scsi1 name=machine scsi0=${system}`]);
		expect(await writes(10)).toEqual([
			`PUT ${vm}/config name=machine scsi0=${system} scsi1=file=local-lvm:10,${options1}`,
		]);
		expect(await writes(10)).toEqual([]);
	});

	test("the next update completes a VM when it could not start", { timeout }, async () => {
		const lab = await startProxmox();
		const options = optionsFor(lab);
		lab.proxmox.faults.failTask({ type: "qmstart", message: "no memory left" });
		const failed = await pulumi.up(options(machine));
		expect(failed.succeeded).toBe(false);
		expect(failed.diagnostics.map(({ message }) => message).join()).toContain("no memory left");
		expect(failed.diagnostics.some(({ urn }) => urn?.endsWith("VmLegacy::machine"))).toBe(true);

		lab.proxmox.faults.clear();
		expect((await pulumi.up(options(machine))).succeeded).toBe(true);
		expect((await pulumi.destroy(options(machine))).succeeded).toBe(true);
		// The provider does not wait until the image is deleted.
		await expect.poll(() => lab.proxmox.state()).toMatchObject({ vms: [], volumes: [] });
	});
});

function startProxmox(): Promise<Lab> {
	const card = { path: "0000:81:00.0", id: "10de:24b0", subsystemId: "10de:14ad", iommuGroup: 21 };
	const acl = leastPrivileges.filter(({ path }) => !path.startsWith("/mapping"));
	return startLab({
		hosts: [host("pve1", [card])],
		catalogue: [{ url: "https://images.example/debian.qcow2", sizeBytes: 4e8, checksums: { sha256: checksum } }],
		mappings: [],
		tokens: [{ ...token, userAcl: [...acl, { path: "/mapping/pci", privileges: ["Mapping.Use", "Mapping.Modify"] }] }],
	});
}

function optionsFor(lab: Lab): (wanted: MachineDescription) => EngineOptions {
	const directory = mkdtempSync(join(tmpdir(), "engine-test-"));
	onTestFinished(() => rmSync(directory, { recursive: true }));
	const authority = join(directory, "ca.pem");
	writeFileSync(authority, lab.caPem);
	return (wanted) => ({
		projectDirectory: project,
		stack: "test",
		stateDirectory: join(directory, "state"),
		environment: { SSL_CERT_FILE: authority },
		config: {
			"engine-one-machine:machine": { value: JSON.stringify(wanted), secret: false },
			"engine-one-machine:endpoint": { value: `https://127.0.0.1:${lab.port}/`, secret: false },
			"engine-one-machine:apiToken": { value: `${token.id}=${token.secret}`, secret: true },
		},
	});
}

/** Requests with their parameters in alphabetical order; repetitions, which is what polling is, count once. */
function inOneLine(requests: RecordedRequest[]): string[] {
	const lines = requests.map(({ method, path, parameters }) => {
		const shown = Object.entries(parameters).map(([key, value]) => `${key}=${value}`);
		return [method, path.replace(/UPID:[^/]+/, "UPID"), ...shown.sort()].join(" ");
	});
	return lines.filter((line, index) => line !== lines[index - 1]);
}
