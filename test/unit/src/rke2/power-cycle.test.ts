/** The script that lets Proxmox restart a VM. */
import { expect, test } from "vitest";
import { labWithVm, runScript } from "./proxmox-script.ts";

type Lab = Awaited<ReturnType<typeof labWithVm>>;

const run = (lab: Lab, { action = "restart", vm = "104", seconds = 5 } = {}) =>
	runScript(lab, "power-cycle.sh", action, [`${seconds}`], vm);

test("the VM is started again with its pending size, and no command line has the token", async () => {
	const lab = await labWithVm();
	await lab.put("/nodes/node01/qemu/104/config", { cores: "6" });
	expect(lab.hypervisor.running.get(104)!.cores).toBe(8);
	const { commandLines, ...result } = await run(lab);
	expect(result).toEqual({ status: 0, stdout: "", stderr: "", showsToken: false });
	expect(lab.hypervisor.running.get(104)!.cores).toBe(6);
	expect(commandLines).toContain("status/reboot");
});

test("a guest that does not shut down is named, and keeps running", async () => {
	const lab = await labWithVm();
	lab.hypervisor.ignoresPowerButton = true;
	const { status, stderr } = await run(lab);
	expect(status).toBe(1);
	expect(stderr).toBe(
		"proj-k8sw01: power-cycle: Proxmox could not restart VM 104: VM quit/powerdown failed - got timeout\n",
	);
	expect(lab.hypervisor.isRunning(104)).toBe(true);
});

test("a call about the task that fails is repeated, and the restart is asked for once", async () => {
	const lab = await labWithVm();
	lab.proxmox.faults.reply({ path: /tasks/, status: 595, message: "No route to host" });
	lab.proxmox.faults.disconnect({ path: /tasks/ });
	expect((await run(lab)).status).toBe(0);
	expect(lab.proxmox.requests.filter(({ path }) => path.endsWith("status/reboot"))).toHaveLength(1);
});

test("a task that only warned has done its work", async () => {
	const lab = await labWithVm();
	lab.proxmox.faults.failTask({ type: "qmreboot", message: "WARNINGS: 1" });
	expect(await run(lab)).toMatchObject({ status: 0, stderr: "" });
});

test("a refusal of Proxmox is repeated in its words, and a check changes nothing", async () => {
	const lab = await labWithVm();
	const { status, stderr } = await run(lab, { action: "check", vm: "999" });
	expect(status).toBe(1);
	expect(stderr).toMatch(/^proj-k8sw01: power-cycle: Proxmox does not show VM 999: \d{3} .*999.*\n$/);
	expect((await run(lab, { action: "check" })).status).toBe(0);
	expect(lab.proxmox.requests.filter(({ path }) => path.includes("status/reboot"))).toEqual([]);

	lab.proxmox.faults.reply({ path: /reboot/, status: 403, message: "Permission check failed" });
	expect((await run(lab)).stderr).toBe(
		"proj-k8sw01: power-cycle: Proxmox could not restart VM 104: 403 Permission check failed\n",
	);
});

test("a VM that is off is started", async () => {
	const lab = await labWithVm();
	await lab.exitStatus(lab.post("/nodes/node01/qemu/104/status/stop"));
	expect(await run(lab)).toMatchObject({ status: 0, stderr: "" });
	expect(lab.hypervisor.isRunning(104)).toBe(true);
});
