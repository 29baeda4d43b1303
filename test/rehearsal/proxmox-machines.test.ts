/** The program's machines on the Proxmox double, with the least privileges. */

import { apply as mergePatch } from "tiny-merge-patch";
import { describe, expect, test } from "vitest";
import type { ProxmoxState } from "../../rehearsal/doubles/proxmox/proxmox.ts";
import { changeCount } from "../../rehearsal/report/result.ts";
import { mirroredImage, nextImage } from "../unit/rehearsal/doubles/proxmox/fixture.ts";
import { type Change, changing, empty, openDatacenter } from "./support/proxmox-datacenter.ts";
import { errors, eventually } from "./support/scenario.ts";

/**
 * Stack, provider, components: Machines, CloudImage, GpuMappings, two VirtualMachine and two MachineFirewall; two images, a
 * mapping, two VMs, the options of two firewalls.
 */
const resources = 16;

describe("machines", () => {
	test("are created, changed without a restart and destroyed with the least privileges", async () => {
		const datacenter = await openDatacenter();
		const { proxmox, hypervisor } = datacenter.lab;
		const up = await datacenter.up();
		expect(errors(up)).toEqual([]);
		expect(up.changes.create).toBe(resources);
		const requests = datacenter.takeRequests();
		expect(requests.filter(({ status }) => status !== 200)).toEqual([]);
		for (const [host, vmId] of [
			["node01", 104],
			["node02", 110],
		]) {
			expect(changing(requests).filter((line) => line.includes(`/nodes/${host}/`))).toEqual([
				`POST /nodes/${host}/storage/local/download-url`,
				`POST /nodes/${host}/qemu`,
				`PUT /nodes/${host}/qemu/${vmId}/resize`,
				`POST /nodes/${host}/qemu/${vmId}/status/start`,
				`PUT /nodes/${host}/qemu/${vmId}/firewall/options`,
			]);
		}
		expect([...hypervisor.running.keys()].sort()).toEqual([104, 110]);

		expect(changeCount(await datacenter.preview())).toBe(0);
		expect(changeCount(await datacenter.up())).toBe(0);
		expect(changing(datacenter.takeRequests())).toEqual([]);

		const bigger = { nodes: { k8sm01: { memoryGiB: 16 }, k8sw01: { memoryGiB: 16 } } };
		expect((await datacenter.preview(bigger)).changes).toMatchObject({ update: 2, replace: 0 });
		expect((await datacenter.up(bigger)).changes.update).toBe(2);
		expect(changing(datacenter.takeRequests()).sort()).toEqual([
			"PUT /nodes/node01/qemu/104/config",
			"PUT /nodes/node02/qemu/110/config",
		]);
		// The machines keep their former memory until they are stopped and started.
		for (const { current, configuration } of proxmox.state().vms) {
			expect([current.memory, configuration.memory]).toEqual(["8192", "16384"]);
		}
		expect(changeCount(await datacenter.preview(bigger))).toBe(0);

		const destroyed = await datacenter.destroy(bigger);
		expect(errors(destroyed)).toEqual([]);
		expect(destroyed.changes.delete).toBe(resources);
		await eventually(() => expect(proxmox.state()).toEqual(empty));
		expect(hypervisor.running.size).toBe(0);
	});

	test("a destroy deletes all but what is on a host that nobody reaches, names that, and goes on when the host is back", async () => {
		const datacenter = await openDatacenter();
		const { proxmox, hypervisor } = datacenter.lab;
		expect(errors(await datacenter.up())).toEqual([]);

		const noRoute = { path: /^\/nodes\/node02\//, status: 595, message: "No route to host", times: 10_000 };
		proxmox.faults.reply(noRoute);
		const stopped = await datacenter.destroy({}, { continueOnError: true });
		expect(stopped.succeeded).toBe(false);
		const sentences = errors(stopped).join("\n");
		expect(sentences).toMatch(/VmLegacy::k8sw01: .*No route to host/s);
		expect(sentences).not.toMatch(/k8sm01|node01/);
		expect([...hypervisor.running.keys()]).toEqual([110]);
		expect(proxmox.state().vms.map(({ vmId }) => vmId)).toEqual([110]);

		proxmox.faults.clear();
		expect(errors(await datacenter.destroy())).toEqual([]);
		await eventually(() => expect(proxmox.state()).toEqual(empty));
		expect(hypervisor.running.size).toBe(0);
	});

	test("nothing is destroyed or replaced when a control plane is protected", async () => {
		const datacenter = await openDatacenter();
		const { proxmox, hypervisor } = datacenter.lab;
		const protectedOnes = { proxmox: { protectControlPlanes: true } };
		expect(errors(await datacenter.up(protectedOnes))).toEqual([]);
		datacenter.takeRequests();
		const refused = /is protected|marked for protection/;
		expect(errors(await datacenter.destroy(protectedOnes)).join("\n")).toMatch(refused);
		const renumbered = { ...protectedOnes, nodes: { k8sm01: { vmId: 204 } } };
		expect(errors(await datacenter.preview(renumbered)).join("\n")).toMatch(refused);
		expect(errors(await datacenter.up(renumbered)).join("\n")).toMatch(refused);
		expect(changing(datacenter.takeRequests())).toEqual([]);
		expect([...hypervisor.running.keys()].sort()).toEqual([104, 110]);

		expect(errors(await datacenter.up())).toEqual([]);
		expect(errors(await datacenter.destroy())).toEqual([]);
		await eventually(() => expect(proxmox.state()).toEqual(empty));
	});

	test("a start order is refused with the privilege when the token has no Sys.Modify on /", async () => {
		const datacenter = await openDatacenter();
		const refused = await datacenter.up({ proxmox: { startOrder: true } });
		expect(errors(refused).join("\n")).toContain("Permission check failed (/, Sys.Modify)");
	});

	test("a machine has its firewall, pool, backup job and high availability when it was replaced", async () => {
		const shared = { pool: "rke2", backup: { storage: "pbs", retention: { keepLast: 3 } } };
		const firewall = { enabled: true, adminCidrs: ["10.16.207.0/24"] };
		const first = { proxmox: { ...shared, firewall, highAvailability: true, sharedVmDatastore: true } };
		const datacenter = await openDatacenter(first);
		const { proxmox } = datacenter.lab;
		expect(errors(await datacenter.up(first))).toEqual([]);

		// First with another id, then without high availability on another host.
		const renumbered = mergePatch(first, { nodes: { k8sm01: { vmId: 204 } } }) as Change;
		const moved = { proxmox: { ...shared, firewall }, nodes: { k8sm01: { vmId: 204, host: "node02" } } };
		for (const [wanted, managed] of [
			[renumbered, { "vm:204": { state: "started" } }],
			[moved, {}],
		] as const) {
			expect(errors(await datacenter.up(wanted))).toEqual([]);
			const { vms, pools, backupJobs, highAvailability } = proxmox.state();
			expect(pools.rke2).toEqual(expect.arrayContaining([110, 204]));
			expect(backupJobs["rke2-lab"]?.vmid).toBe("110,204");
			expect(highAvailability.resources).toEqual(managed);
			expect(Object.values(highAvailability.rules).map(({ resources }) => resources)).toEqual(
				Object.keys(managed).map((id) => [id]),
			);
			const { options, rules } = vms.find(({ vmId }) => vmId === 204)!.firewall;
			expect([options.enable, rules.length > 0]).toEqual(["1", true]);
			expect(changeCount(await datacenter.preview(wanted))).toBe(0);
		}
	});

	test("a machine has its firewall switched on when it was deleted by hand and created again", async () => {
		const wanted = { proxmox: { firewall: { enabled: true, adminCidrs: ["10.16.207.0/24"] } } };
		const datacenter = await openDatacenter(wanted);
		const { lab } = datacenter;
		expect(errors(await datacenter.up(wanted))).toEqual([]);
		const before = lab.proxmox.state().vms.find(({ vmId }) => vmId === 104)!;
		await lab.post("/nodes/node01/qemu/104/status/stop");
		await eventually(() => expect([...lab.hypervisor.running.keys()]).toEqual([110]));
		await lab.delete("/nodes/node01/qemu/104");
		await eventually(() => expect(lab.proxmox.state().vms.map(({ vmId }) => vmId)).toEqual([110]));

		const up = await datacenter.up(wanted, { refresh: true });
		expect(errors(up)).toEqual([]);
		const { firewall, status } = lab.proxmox.state().vms.find(({ vmId }) => vmId === 104)!;
		expect({ firewall, status }).toEqual({ firewall: before.firewall, status: "running" });
		expect(firewall.options).toMatchObject({ enable: "1", policy_in: "DROP" });
		expect(changeCount(await datacenter.preview(wanted))).toBe(0);
	});

	test.each([
		["another image under the name of the one before", nextImage],
		["the same image from elsewhere", mirroredImage],
	])("%s is there afterwards, and the machines stay as they are", async (_, { url, checksums }) => {
		const datacenter = await openDatacenter();
		expect(errors(await datacenter.up())).toEqual([]);
		datacenter.takeRequests();
		const wanted = { proxmox: { image: { url, sha256: checksums.sha256 } } };
		const up = await datacenter.up(wanted);
		expect(errors(up)).toEqual([]);
		expect(up.changes).toMatchObject({ create: 0, update: 0, replace: 2, delete: 0 });
		expect(changing(datacenter.takeRequests()).filter((line) => line.includes("/qemu"))).toEqual([]);
		const images = datacenter.lab.proxmox.state().volumes.filter(({ content }) => content === "import");
		expect(images.map(({ host, id, source }) => [host, id, source?.url]).sort()).toEqual([
			["node01", "local:import/debian-13.qcow2", url],
			["node02", "local:import/debian-13.qcow2", url],
		]);
		expect(changeCount(await datacenter.preview(wanted))).toBe(0);
	});

	test("every firewall rule keeps its addresses when a node is removed", async () => {
		const datacenter = await openDatacenter();
		const proxmox = { firewall: { enabled: true, adminCidrs: ["10.16.207.0/24"] } };
		expect(errors(await datacenter.up({ proxmox }))).toEqual([]);
		datacenter.takeRequests();
		const smaller = { proxmox, nodes: { k8sw01: null }, gpus: { "rtx-a4000": null } };
		expect(errors(await datacenter.up(smaller))).toEqual([]);

		const calls = changing(datacenter.takeRequests()).filter((line) =>
			line.includes("/nodes/node01/qemu/104/firewall"),
		);
		const made = calls.findLastIndex((line) => line.startsWith("POST") && line.includes("/ipset"));
		const used = calls.findIndex((line) => line.includes("/rules"));
		const gone = calls.findIndex((line) => line.startsWith("DELETE") && line.includes("/ipset"));
		expect([made < used, used < gone]).toEqual([true, true]);
		const [{ firewall }] = datacenter.lab.proxmox.state().vms as [ProxmoxState["vms"][number]];
		expect(Object.values(firewall.sets)).toEqual([["10.25.20.4"], ["10.25.20.4"]]);
		expect(firewall.rules.map(({ dport, comment }) => `${dport} ${comment}`)).toEqual([
			"22 SSH",
			"10250 kubelet",
			"9099 health of Canal",
			"8472 Canal over VXLAN",
			"6443 Kubernetes API",
			"6443 Kubernetes API for administrators",
			"9345 registration of nodes",
			"2379:2381 etcd",
		]);
		for (const { source = "" } of firewall.rules.filter((rule) => rule.source?.startsWith("+"))) {
			expect(Object.keys(firewall.sets)).toContain(source.replace("+guest/", ""));
		}
		expect(changeCount(await datacenter.preview(smaller))).toBe(0);
	});

	test.each([
		["a VM that cannot be made", { type: "qmcreate", id: "104" }, "unable to create VM 104 - no space left"],
		["a VM that does not start", { type: "qmstart", id: "110" }, "start failed: QEMU exited with code 1"],
		["an image that cannot be downloaded", { type: "download" }, "download failed: exit code 4"],
	])("after %s the error says so, and the next up continues", async (_, task, message) => {
		const datacenter = await openDatacenter();
		datacenter.lab.proxmox.faults.failTask({ ...task, message });
		const failed = await datacenter.up();
		expect(failed.succeeded).toBe(false);
		expect(errors(failed).join("\n")).toContain(message);

		const again = await datacenter.up();
		expect(errors(again)).toEqual([]);
		expect([...datacenter.lab.hypervisor.running.keys()].sort()).toEqual([104, 110]);
		expect(changeCount(await datacenter.preview())).toBe(0);
	});
});
