/** unsupported.sh says on a node about releases what the preview says. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { nodeConstants } from "../../../../src/rke2/node-constants.ts";
import { goesBack, unsupportedChanges } from "../../../../src/rke2/unsupported-changes.ts";

const scripts = fileURLToPath(new URL("../../../../src/rke2/scripts", import.meta.url));
const script = join(scripts, "unsupported.sh");

/** What the script prints on a member with this release; nothing when it lets the wanted one pass. */
function onNode(installed: string | undefined, ...args: string[]): string {
	const state = mkdtempSync(join(tmpdir(), "unsupported-script-test-"));
	onTestFinished(() => rmSync(state, { recursive: true }));
	if (installed !== undefined) {
		writeFileSync(join(state, "installed"), `${installed}\n`);
	}
	const text = `set -eu; STATE=$1; . "$2"; shift 2; is_member() { :; }; fail() { echo "$*"; exit 1; }; refuse_version_jump "$@"`;
	return spawnSync("bash", ["-c", text, "bash", state, script, ...args], { encoding: "utf8" }).stdout.trim();
}

describe.each([
	["v1.35.7+rke2r1", "v1.35.1+rke2r1"],
	["v1.35.7+rke2r1", "v1.36.0+rke2r1"],
	["v1.35.7+rke2r1", "v1.37.0+rke2r1"],
	["v1.35.7+rke2r1", "v1.34.10+rke2r1"],
	["v1.36.0+rke2r1", "v1.34.10+rke2r1"],
	["v1.33.11+rke2r1", "v1.33.10+rke2r3"],
	["v1.34.1+rke2r1", "v1.33.10+rke2r3"],
	["v1.33.6+rke2r1", "v1.34.10+rke2r1"],
])("from %s to %s", (runs, wanted) => {
	test.each([
		["with", "kept"],
		["without", ""],
	])("the node and the preview answer alike %s a snapshot to restore", (_, snapshot) => {
		const preview = unsupportedChanges({ version: runs, files: [] }, { version: wanted, files: [] }, snapshot !== "");
		expect(onNode(runs, wanted, snapshot)).toBe(preview.join());
		if (goesBack(runs, wanted) && snapshot === "") {
			expect(preview).toHaveLength(1);
		}
	});
});

/** Runs a script of the toolkit on a node whose commands are only noted. */
function onPreparedNode(script: string, args: string[]) {
	const state = mkdtempSync(join(tmpdir(), "unsupported-script-test-"));
	onTestFinished(() => rmSync(state, { recursive: true }));
	cpSync(scripts, join(state, "toolkit"), { recursive: true });
	const lib = join(state, "toolkit/lib.sh");
	const constants = Object.keys(nodeConstants).map((name) => `${name}=${state}`);
	writeFileSync(lib, `${constants.join("\n")}\n${readFileSync(lib, "utf8")}`);
	writeFileSync(join(state, "member"), "");
	writeFileSync(join(state, "installed"), "v1.36.0+rke2r1\n");
	mkdirSync(join(state, "bin"));
	for (const command of ["systemctl", "xargs", "modprobe"]) {
		writeFileSync(join(state, "bin", command), `#!/bin/sh\necho "$*" >>${state}/asked\nexit 1\n`, { mode: 0o755 });
	}
	const { status, stderr } = spawnSync("bash", [join(state, "toolkit", script), ...args], {
		encoding: "utf8",
		env: { ...process.env, PATH: `${join(state, "bin")}:${process.env.PATH}` },
		input: "file /etc/rancher/rke2/config.yaml 0600 root:root\n| profile: cis\n",
	});
	return { status, stderr, asked: existsSync(join(state, "asked")) };
}

test("convergence refuses an older minor before it asks RKE2, for a restore that did not take this node back", () => {
	const args = ["cp1", "server", "v1.35.7+rke2r1", "4", "8", "50", "300", "120", "revision"];
	expect(onPreparedNode("converge.sh", args)).toEqual({
		status: 1,
		stderr:
			"cp1: converge: cluster.version v1.35.7+rke2r1 is an older minor than the v1.36.0+rke2r1 that runs here, and etcd cannot go back; name a snapshot of 1.35 in cluster.restore too\n",
		asked: false,
	});
});

describe("the preparation", () => {
	const prepare = (role: string, snapshot: string) => {
		const release = ["v1.35.7+rke2r1", "https://mirror.invalid/rke2.tar.gz", "0".repeat(64), "0", "0"];
		return onPreparedNode("prepare.sh", ["cp1", role, ...release, "", "", snapshot]);
	};

	test("refuses an older minor on a server without a restore, and leaves a worker to its convergence", () => {
		expect(prepare("server", "")).toMatchObject({ status: 1, asked: false });
		for (const [role, snapshot] of [
			["server", "kept"],
			["agent", ""],
		] as const) {
			expect(prepare(role, snapshot).stderr).not.toContain("older minor");
		}
	});
});

test("a node without an installed release was stopped while it changed, and goes on", () => {
	expect(onNode(undefined, "v1.35.7+rke2r1")).toBe("");
});
