/** How the scripts of a node wait for what else works on its packages; `cloud-init` and `apt-get` are scripted. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { scriptText } from "../../../../components/cluster/scripts.ts";

const script = (["lib.sh", "first-boot.sh", "apt.sh"] as const).map(scriptText).join("\n");

/**
 * Runs the last lines of a step on a machine.
 * @param commands what the machine has beside the usual commands, and what each does
 */
function run(lines: string, commands: Record<string, string>) {
	const directory = mkdtempSync(join(tmpdir(), "node-packages-"));
	onTestFinished(() => rmSync(directory, { recursive: true }));
	for (const [name, text] of Object.entries(commands)) {
		writeFileSync(join(directory, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
	}
	const { status, stderr } = spawnSync("bash", ["-s"], {
		cwd: directory,
		env: { PATH: `${directory}:/usr/bin:/bin` },
		input: `${script}\nnode=proj-k8sm01 step=prepare\n${lines}\n`,
		encoding: "utf8",
	});
	return { status, stderr };
}

describe("a new node", () => {
	const waiting = "proj-k8sm01: prepare: waiting for cloud-init to be done\n";
	const finish = (commands: Record<string, string>) => run("wait_for_first_boot", commands);

	test.each([0, 2])("is ready when cloud-init ended with %d", (code) => {
		expect(finish({ "cloud-init": `[ "$*" = "status --wait" ] && exit ${code}` })).toEqual({
			status: 0,
			stderr: waiting,
		});
	});

	test("is ready at once without cloud-init", () => {
		expect(finish({})).toEqual({ status: 0, stderr: "" });
	});

	test.each([
		[1, "cloud-init failed at the first boot of this machine; `cloud-init status --long` on this node says at what"],
		[124, "gave up after 600 s of waiting for cloud-init; `cloud-init status --long` on this node says where it is"],
	])("is refused when it ended with %d", (code, sentence) => {
		expect(finish({ "cloud-init": `exit ${code}` })).toEqual({
			status: 1,
			stderr: `${waiting}proj-k8sm01: prepare: ${sentence}\n`,
		});
	});
});

describe("apt", () => {
	const locked = "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 812 (apt-get)";
	const update = "run_apt update || say 'apt cannot update'";

	test("is retried while another process holds its lists", () => {
		const aptGet = `echo once >>runs; [ "$(wc -l <runs)" -ge 3 ] || { echo '${locked}' >&2; exit 100; }`;
		expect(run(update, { "apt-get": aptGet })).toEqual({
			status: 0,
			stderr: "proj-k8sm01: prepare: waiting for another apt on this node to end\n",
		});
	});

	test("is not retried when it fails by itself, and its reason is printed", () => {
		const aptGet =
			"[ ! -e failed ] || exit 0; touch failed; echo 'E: Unable to locate package keepalived' >&2; exit 100";
		expect(run(update, { "apt-get": aptGet })).toEqual({
			status: 0,
			stderr: "E: Unable to locate package keepalived\nproj-k8sm01: prepare: apt cannot update\n",
		});
	});
});
