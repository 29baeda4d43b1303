import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { stringify } from "yaml";
import { capacityWarnings } from "../../../../src/config/checks/capacity.ts";
import { parseStack } from "../../../../src/config/read/parse.ts";
import { labValues } from "../../../fixtures/lab.ts";

const warnings = (change: object): string[] => {
	const { value, problems } = parseStack(labValues(change));
	expect(problems).toEqual([]);
	return capacityWarnings(value!).map(({ key, message }) => `${key}: ${message}`);
};

test("capacityWarnings reports memory and disks of the lab's hosts with 64 GB once each", () => {
	const directory = mkdtempSync(join(tmpdir(), "capacity-"));
	onTestFinished(() => rmSync(directory, { recursive: true }));
	const file = join(directory, "Pulumi.lab.yaml");
	const config = Object.entries(labValues()).map(([key, value]) => [`rke2-lab:${key}`, value]);
	writeFileSync(file, stringify({ config: Object.fromEntries(config) }));
	const said = execFileSync(process.execPath, ["src/commands/check.ts", file], { encoding: "utf8" });
	const lines = said.trim().split("\n");
	expect(lines.filter((line) => !line.includes("; the policy "))).toEqual([
		`${file}: no mistake found.`,
		...["1", "2", "3"].flatMap((n) => [
			`Warning: proxmox.hosts.node0${n}.memoryGiB: proj-k8sm0${n}, proj-k8sw0${n} take 64 of 64 GiB and leave 0 for Proxmox, which needs 2: the host has no room for another machine, and kills one of these when its memory is full.`,
			`Warning: proxmox.hosts.node0${n}.diskGiB: the disks of proj-k8sm0${n}, proj-k8sw0${n} may take 2000 of 1862 GiB: they are thin volumes, and every VM on the storage stops when it is full; make disks smaller or the storage larger.`,
		]),
	]);
});

test("capacityWarnings reports nothing about a host with enough room", () => {
	const small = { memoryGiB: 30, diskGiB: 50, dataDiskGiB: 800 };
	const nodes = { "proj-k8sw01": small, "proj-k8sw02": small, "proj-k8sw03": small };
	expect(warnings({ nodes })).toEqual([]);
});

test("capacityWarnings reports more virtual CPUs than threads, and compares no disks when their size is unknown", () => {
	const hosts = {
		node01: { diskGiB: null },
		node02: { diskGiB: null },
		node03: { diskGiB: null, memoryGiB: 66, cpus: 12 },
	};
	expect(warnings({ proxmox: { hosts } })).toEqual([
		expect.stringContaining("proxmox.hosts.node01.memoryGiB"),
		expect.stringContaining("proxmox.hosts.node02.memoryGiB"),
		"proxmox.hosts.node03.cpus: proj-k8sm03, proj-k8sw03 together: 16 virtual CPUs on 12 threads: under load each gets 75 % of its own.",
	]);
});
