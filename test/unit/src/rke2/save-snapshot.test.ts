/** save-snapshot.sh with a program of the test in place of RKE2. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const scripts = new URL("../../../../src/rke2/scripts/", import.meta.url);

/**
 * @param withStore what RKE2 does on `save` with its store, which comes first, and without
 * @param call of the functions, after which `changed` is the first sentence of the change
 */
function save(config: string, withStore: string, call = "save_snapshot; say changed; report_not_stored") {
	const directory = mkdtempSync(join(tmpdir(), "save-snapshot-test-"));
	onTestFinished(() => rmSync(directory, { recursive: true }));
	writeFileSync(join(directory, "config.yaml"), config);
	const saved = (times: number) => `for i in {1..${times}}; do echo "msg="Snapshot before-change-cp1-1 saved.""; done`;
	const rke2 = `#!/bin/bash
echo "$*" >>${directory}/calls
case $* in *prune*) exit ;; *--etcd-s3=false*) ${saved(1)}; exit ;; esac
${withStore.replace(/^saved (\d)$/, (_, times) => saved(Number(times)))}
`;
	writeFileSync(join(directory, "rke2"), rke2, { mode: 0o755 });
	const text = ["save-snapshot.sh", "server-token.sh"]
		.map((name) => readFileSync(new URL(name, scripts), "utf8").replaceAll("/usr/local/bin/", `${directory}/`))
		.join("\n");
	const run = `set -Eeuo pipefail
node=cp1 STATE=${directory} RKE2_CONFIG=${directory} RKE2_DATA=/data
say() { echo "$*" >&2; }
fail() { say "$*"; exit 1; }
${text}
${call}`;
	const { stdout, stderr } = spawnSync("bash", ["-c", run], { encoding: "utf8" });
	const calls = readFileSync(join(directory, "calls"), "utf8").trim().split("\n");
	return { stdout, said: stderr.trim().split("\n"), calls, saves: calls.filter((line) => line.includes(" save ")) };
}

const store = "profile: cis\netcd-s3: true\netcd-s3-config-secret: store\n";
const local = "etcd-snapshot save --etcd-s3=false --name before-change";
const inStore = "the S3 store of cluster.etcdSnapshots.s3 has it too";
const named = "the state before this change is the snapshot before-change-cp1-1 in /data/server/db/snapshots";

test("a snapshot before a change is of the server alone without a store", () => {
	const { stdout, said, saves } = save("profile: cis\n", "exit 1");
	expect({ stdout, said, saves }).toEqual({ stdout: "", said: ["saving etcd", named, "changed"], saves: [local] });
});

test("a snapshot before a change is in the store too", () => {
	const { stdout, said, saves } = save(store, "saved 2");
	expect(saves).toEqual(["etcd-snapshot save --name before-change"]);
	expect([stdout, said.slice(1)]).toEqual(["", [named, inStore, "changed"]]);
});

const failing = [
	["does not answer", "echo 400 Bad Request; exit 1", ["etcd-snapshot save --name before-change", local]],
	["refuses the object", "saved 1", ["etcd-snapshot save --name before-change"]],
] as const;

test.each(failing)(
	"a snapshot before a change is of the server alone, with a warning, when the store %s",
	(_, withStore, calls) => {
		const { stdout, said, saves } = save(store, withStore);
		expect(saves).toEqual(calls);
		expect(said.slice(1)).toEqual([named, "changed"]);
		expect(stdout).toBe(
			"cp1: the S3 store of cluster.etcdSnapshots.s3 did not take the snapshot before-change-cp1-1, which is lost if this server is; `journalctl --unit rke2-server` there has the reason\n",
		);
	},
);

const required = "save_snapshot required; say changed; report_not_stored";
const refused =
	"the S3 store of cluster.etcdSnapshots.s3 has to take the snapshot before-change-cp1-1 (`required`) and did not, so nothing was changed, and the snapshot stays on cp1; repair the store (`journalctl --unit rke2-server` there has the reason), or take cluster.etcdSnapshots.s3.required out of the stack file for this one change";

test.each(failing)("a change stops when the stack file requires the store, which %s", (_, withStore, saves) => {
	const result = save(store, withStore, required);
	expect(result.said).toEqual(["saving etcd", named, refused]);
	// Snapshots of changes that stop again and again do not fill the disk, and the last one stays.
	expect(result.calls).toEqual([
		...saves,
		"etcd-snapshot prune --etcd-snapshot-retention=5 --etcd-s3=false --name before-change",
	]);
	expect(result.stdout).toBe("");
});

test("a change goes on when the stack file requires the store, which has the snapshot", () => {
	expect(save(store, "saved 2", required).said.slice(1)).toEqual([named, inStore, "changed"]);
});

test("the change that brings a required store goes on, because RKE2 does not know the store before", () => {
	expect(save("profile: cis\n", "exit 1", required).said.slice(1)).toEqual([named, "changed"]);
});

/** A rotation of the server token on a healthy cluster. */
const rotation = (demand: string) => `
within() { shift; "$@"; }
look_at_members() { sick=; }
refuse_unfinished_rotation() { :; }
datastore_has() { :; }
ask_registration() { echo "rotated" >&2; echo 200; }
rotate_server_token old new "${demand}"`;

test("a rotation of the server token stops when the stack file requires the store, which does not answer", () => {
	expect(save(store, "exit 1", rotation("required")).said.slice(1)).toEqual([named, refused]);
	expect(save(store, "exit 1", rotation("")).said.at(-1)).toBe("rotated");
});
