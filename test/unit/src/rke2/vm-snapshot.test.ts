/** The script that lets Proxmox take snapshots of a VM. */
import { expect, test } from "vitest";
import { labWithVm, runScript, withPrivilege } from "./proxmox-script.ts";

const name = "rke2-lab-0123456789ab";

test("a snapshot is taken with its description and without memory, listed and deleted, and no command line has the token", async () => {
	const lab = await labWithVm(withPrivilege("VM.Snapshot"));
	const description = 'RKE2 v1.35.7+rke2r1 & "more": 100 %; käse';
	const silent = { status: 0, stdout: "", stderr: "", showsToken: false };
	expect(await runScript(lab, "vm-snapshot.sh", "take", [name, description])).toMatchObject(silent);
	const { stdout, ...listed } = await runScript(lab, "vm-snapshot.sh", "list", []);
	expect(listed).toMatchObject({ status: 0, stderr: "", showsToken: false });
	const entry = { name, description, vmstate: 0, snaptime: expect.any(Number) };
	expect(JSON.parse(stdout).data).toEqual([entry, expect.objectContaining({ name: "current", parent: name })]);
	expect(await runScript(lab, "vm-snapshot.sh", "delete", [name])).toMatchObject(silent);
	expect(lab.proxmox.state().vms[0]!.snapshots).toEqual({});
});

test("a refusal is repeated in the words of Proxmox", async () => {
	const without = await labWithVm();
	expect((await runScript(without, "vm-snapshot.sh", "take", [name, ""])).stderr).toBe(
		`proj-k8sw01: vm-snapshot: Proxmox could not take the snapshot ${name} of VM 104: 403 Permission check failed (/vms/104, VM.Snapshot)\n`,
	);
	const lab = await labWithVm(withPrivilege("VM.Snapshot"));
	lab.proxmox.faults.failTask({ type: "qmsnapshot", message: "snapshot feature is not available" });
	expect(await runScript(lab, "vm-snapshot.sh", "take", [name, ""])).toMatchObject({
		status: 1,
		stderr: `proj-k8sw01: vm-snapshot: Proxmox could not take the snapshot ${name} of VM 104: snapshot feature is not available\n`,
	});
	expect((await runScript(lab, "vm-snapshot.sh", "delete", [name])).stderr).toBe(
		`proj-k8sw01: vm-snapshot: Proxmox could not delete the snapshot ${name} of VM 104: snapshot '${name}' does not exist\n`,
	);
	expect((await runScript(lab, "vm-snapshot.sh", "list", [], "999")).stderr).toMatch(
		/^proj-k8sw01: vm-snapshot: Proxmox does not list the snapshots of VM 999: \d{3} .*999.*\n$/,
	);
});
