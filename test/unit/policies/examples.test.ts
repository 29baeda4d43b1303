/** Stack files of other labs pass the check and the policy pack, and the check warns of everything that the pack asks for. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apply as mergePatch } from "tiny-merge-patch";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse, stringify } from "yaml";

const timeout = 60_000;
const folder = new URL("../../../examples/", import.meta.url);
const examples = readdirSync(folder).filter((name) => name.endsWith(".yaml"));

/** The example with the checksums that an administrator adds, and with the change of a test. */
function writeStackFile(example: string, change: object = {}): { directory: string; file: string } {
	const directory = mkdtempSync(join(tmpdir(), "examples-"));
	onTestFinished(() => rmSync(directory, { recursive: true }));
	const digests = {
		"rke2-lab:cluster": { artifacts: { sha256: "a".repeat(64) } },
		"rke2-lab:proxmox": { image: { sha256: "b".repeat(64) } },
	};
	const { config } = parse(readFileSync(new URL(example, folder), "utf8"));
	const file = join(directory, "Pulumi.example.yaml");
	writeFileSync(file, stringify({ config: mergePatch(mergePatch(config, digests), change) }));
	return { directory, file };
}

function run(command: string, ...parameters: string[]) {
	return spawnSync(process.execPath, [command, ...parameters], { encoding: "utf8" });
}

function warnedKeys(file: string): string[] {
	const { status, stdout, stderr } = run("src/commands/check.ts", file);
	expect([status, stderr]).toEqual([0, ""]);
	return [...stdout.matchAll(/^Warning: ([^:]+):/gm)].map(([, key]) => key!);
}

interface Report {
	controls: { id: string; result: string; evidence: string[] }[];
	beyond: { policy: string; mandatory: boolean; result: string; evidence: string[] }[];
	exceptions: { policy: string; setting?: string }[];
}

function compliance(
	file: string,
	directory: string,
	...parameters: string[]
): { status: number | null; report: Report } {
	const { status } = run("compliance/commands/compliance.ts", "--out", directory, "--stack", file, ...parameters);
	return { status, report: JSON.parse(readFileSync(join(directory, "compliance.json"), "utf8")) };
}

describe.each(examples)("%s", (example) => {
	test("passes the check and the pack, with every control seen by the compliance report", { timeout }, () => {
		const { file, directory } = writeStackFile(example);
		const warned = warnedKeys(file);
		const { status, report } = compliance(file, directory);
		expect(report.controls.filter(({ result }) => ["fail", "not seen"].includes(result))).toEqual([]);
		expect(report.beyond.filter(({ mandatory, result }) => mandatory && result === "fail")).toEqual([]);
		expect(status).toBe(0);
		const accepted = report.exceptions.flatMap(({ setting }) => setting ?? []);
		expect(accepted).not.toEqual([]);
		expect(warned).toEqual(expect.arrayContaining(accepted));
	});

	test.each(["cis-level-1", "cis-level-2"])("passes the profile %s", { timeout }, (profile) => {
		const { file, directory } = writeStackFile(example);
		expect(compliance(file, directory, "--profile", profile).status).toBe(0);
	});
});

const homelab = "Pulumi.homelab.yaml";

test("the pack warns of the lost quorum when three control planes share two hosts", {
	timeout,
}, () => {
	const { file, directory } = writeStackFile(homelab);
	const { beyond } = compliance(file, directory).report;
	expect(beyond.filter(({ result }) => result === "fail")).toMatchObject([
		{
			policy: "vm-quorum-on-one-host",
			mandatory: false,
			evidence: [expect.stringContaining("Host pve1 runs alpha and gamma, 2 of 3 control planes")],
		},
	]);
});

describe("the check warns of a setting that the pack refuses:", () => {
	test.each<[setting: string, change: object, key: string, policy: string]>([
		[
			"control planes without protection",
			{ "rke2-lab:proxmox": { protectControlPlanes: false } },
			"proxmox.protectControlPlanes",
			"vm-protected-control-planes",
		],
		[
			"a snapshot on Sundays",
			{ "rke2-lab:cluster": { etcdSnapshots: { schedule: "@weekly" } } },
			"cluster.etcdSnapshots.schedule",
			"rke2-etcd-snapshots",
		],
		[
			"one snapshot",
			{ "rke2-lab:cluster": { etcdSnapshots: { retention: 1 } } },
			"cluster.etcdSnapshots.retention",
			"rke2-etcd-snapshots",
		],
		[
			"snapshots in clear text",
			{
				"rke2-lab:cluster": {
					etcdSnapshots: { s3: { endpoint: "nas.home.arpa:9000", bucket: "etcd", insecure: true } },
				},
			},
			"cluster.etcdSnapshots.s3.insecure",
			"rke2-offsite-snapshots",
		],
		[
			"a kernel setting that is not listed",
			{ "rke2-lab:cluster": { kernel: { settings: { "kernel.yama.ptrace_scope": 0 } } } },
			"cluster.kernel.settings.kernel.yama.ptrace_scope",
			"program-known-resources",
		],
		[
			"a GPU on a control plane",
			{
				"rke2-lab:gpus": { card: { host: "pve1", model: "a card" } },
				"rke2-lab:nodes": { alpha: { gpu: { mapping: "card" } } },
				"rke2-lab:platform": { gpuOperator: { version: "v26.7.0" } },
			},
			"nodes.alpha.gpu",
			"vm-gpu-on-one-worker",
		],
		[
			"a privileged namespace",
			{ "rke2-lab:platform": { namespaces: { "node-exporter": { podSecurity: "privileged" } } } },
			"platform.namespaces.node-exporter.podSecurity",
			"kubernetes-pod-security",
		],
	])("%s", { timeout }, (_, change, key, policy) => {
		const { file, directory } = writeStackFile(homelab, change);
		expect(warnedKeys(file)).toContain(key);
		const { report } = compliance(file, directory);
		const found = [
			...report.beyond.filter(({ result, policy: name }) => result === "fail" && name === policy),
			...report.exceptions.filter((exception) => exception.policy === policy),
			...report.controls.filter(({ result }) => result === "fail"),
		];
		expect(found).not.toEqual([]);
	});
});
