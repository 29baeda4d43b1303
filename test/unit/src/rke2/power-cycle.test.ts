/** The script that lets Proxmox restart a VM, against the double. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { createVm, type Lab, startLab, token } from "../../rehearsal/doubles/proxmox/fixture.ts";

const script = readFileSync(new URL("../../../../src/rke2/scripts/power-cycle.sh", import.meta.url), "utf8");

async function labWithVm(): Promise<Lab> {
	const lab = await startLab();
	await createVm(lab);
	return lab;
}

/** Runs the script as the program does: both the script and the token on standard input. */
async function run(lab: Lab, { action = "restart", vm = "104", seconds = 5 } = {}) {
	const directory = mkdtempSync(join(tmpdir(), "power-cycle-"));
	onTestFinished(() => rmSync(directory, { recursive: true }));
	const path = (name: string) => join(directory, name);
	writeFileSync(path("ca.pem"), lab.caPem);
	// Notes what a process list would show.
	writeFileSync(path("curl"), `#!/bin/sh\necho "$@" >>'${path("arguments")}'\nPATH=$REAL_PATH exec curl "$@"\n`, {
		mode: 0o755,
	});
	const api = `https://127.0.0.1:${lab.port}/api2/json`;
	const child = spawn("bash", ["-s", "--", action, "proj-k8sw01", api, "node01", vm, `${seconds}`], {
		env: {
			PATH: `${directory}:${process.env.PATH}`,
			REAL_PATH: process.env.PATH,
			SSL_CERT_FILE: path("ca.pem"),
		},
	});
	const output = Promise.all([text(child.stderr), once(child, "close")]);
	child.stdin.end(`${script}${token.id}=${token.secret}\n`);
	const [stderr, [status]] = await output;
	return { status, stderr, commandLines: readFileSync(path("arguments"), "utf8") };
}

test("the VM is started again with its pending size, and no command line has the token", async () => {
	const lab = await labWithVm();
	await lab.put("/nodes/node01/qemu/104/config", { cores: "6" });
	expect(lab.hypervisor.running.get(104)!.cores).toBe(8);
	const { status, stderr, commandLines } = await run(lab);
	expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
	expect(lab.hypervisor.running.get(104)!.cores).toBe(6);
	expect(commandLines).toContain("status/reboot");
	expect(commandLines).not.toContain(token.secret);
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

test("a refusal of Proxmox is repeated in its words, and a check changes nothing", async () => {
	const lab = await labWithVm();
	const { status, stderr } = await run(lab, { action: "check", vm: "999" });
	expect(status).toBe(1);
	expect(stderr).toMatch(/^proj-k8sw01: power-cycle: Proxmox does not show VM 999: \d{3} .*999.*\n$/);
	expect((await run(lab, { action: "check" })).status).toBe(0);
	expect(lab.proxmox.requests.filter(({ path }) => path.includes("status/reboot"))).toEqual([]);
});

test("a VM that is off is started", async () => {
	const lab = await labWithVm();
	await lab.exitStatus(lab.post("/nodes/node01/qemu/104/status/stop"));
	expect(await run(lab)).toMatchObject({ status: 0, stderr: "" });
	expect(lab.hypervisor.isRunning(104)).toBe(true);
});
