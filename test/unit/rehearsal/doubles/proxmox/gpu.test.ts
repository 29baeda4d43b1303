import { describe, expect, test } from "vitest";
import { a4000, createVm, host, leastPrivileges, startLab, token } from "./fixture.ts";

const gpu = { hostpci0: "mapping=rtx-a4000,pcie=1,rombar=1,x-vga=0" };
const map = "id=10de:24b0,iommugroup=21,node=node02,path=0000:0b:00.0,subsystem-id=10de:14ad";

describe("a VM with a mapped GPU", () => {
	test("starts when its host has the GPU", async () => {
		const lab = await startLab();
		expect(await createVm(lab, 110, "node02", gpu)).toBe("OK");
		expect(lab.hypervisor.running.get(110)?.pciDevices).toEqual(["10de:24b0"]);
	});

	test("does not start when its host has no GPU", async () => {
		const lab = await startLab();
		expect(await createVm(lab, 110, "node01", gpu)).toBe("PCI device mapping not found for 'rtx-a4000'");
	});

	test("does not start when another running VM has the GPU", async () => {
		const lab = await startLab();
		await createVm(lab, 110, "node02", gpu);
		expect(await createVm(lab, 111, "node02", gpu)).toBe("PCI device '0000:0b:00.0' already in use by VMID '110'");
		await lab.exitStatus(lab.post("/nodes/node02/qemu/110/status/stop"));
		expect(await lab.exitStatus(lab.post("/nodes/node02/qemu/111/status/start"))).toBe("OK");
	});

	test("does not start when it has one GPU twice", async () => {
		const lab = await startLab();
		const twice = { ...gpu, hostpci1: "mapping=rtx-a4000,pcie=1" };
		expect(await createVm(lab, 110, "node02", twice)).toBe("device '0000:0b:00.0' assigned more than once");
	});

	test("does not start when PCI Express has no q35 machine", async () => {
		const lab = await startLab();
		expect(await createVm(lab, 110, "node02", { ...gpu, machine: "pc" })).toBe("q35 machine model is not enabled");
	});

	test.each([
		["another GPU", { ...a4000, id: "10de:2182" }, "'id' does not match for 'rtx-a4000' (10de:2182 != 10de:24b0)"],
		["another IOMMU group", { ...a4000, iommuGroup: 7 }, "'iommugroup' does not match for 'rtx-a4000' (7 != 21)"],
		["nothing", { ...a4000, path: "0000:0c:00.0" }, "pci device '0000:0b:00.0' not found"],
	])("does not start when %s is found where the mapping points", async (_, device, reason) => {
		const lab = await startLab({ hosts: [host("node02", [device])] });
		expect(await createVm(lab, 110, "node02", gpu)).toBe(
			`PCI device mapping invalid (hardware probably changed): ${reason}`,
		);
	});

	test("gets the next free GPU when its mapping has several", async () => {
		const second = { ...a4000, path: "0000:0c:00.0", iommuGroup: 22 };
		const mapping = { id: "rtx-a4000", map: [map, map.replace("0b:", "0c:").replace("=21", "=22")] };
		const lab = await startLab({ hosts: [host("node02", [a4000, second])], mappings: [mapping] });
		expect(await createVm(lab, 110, "node02", gpu)).toBe("OK");
		expect(await createVm(lab, 111, "node02", gpu)).toBe("OK");
		expect(await createVm(lab, 112, "node02", gpu)).toBe("could not find a free device for 'hostpci0'");
	});
});

test("a token creates, changes and removes mappings when it has the privilege", async () => {
	const modify = { path: "/mapping/pci", privileges: ["Mapping.Modify", "Mapping.Use"] };
	const lab = await startLab({ mappings: [], tokens: [{ ...token, userAcl: [...leastPrivileges, modify] }] });
	const mappings = "/cluster/mapping/pci";
	expect((await lab.post(mappings, { id: "rtx-a4000", map, description: "one" })).status).toBe(200);
	expect((await lab.post(mappings, { id: "rtx-a4000", map })).reason).toContain("'rtx-a4000' already defined");
	await lab.put(`${mappings}/rtx-a4000`, { map, description: "two" });
	expect((await lab.get(`${mappings}/rtx-a4000`)).data).toMatchObject({ description: "two", map: [map] });
	expect((await lab.get(mappings)).data).toHaveLength(1);
	await lab.delete(`${mappings}/rtx-a4000`);
	expect((await lab.get(`${mappings}/rtx-a4000`)).reason).toBe("mapping 'rtx-a4000' not found");
});
