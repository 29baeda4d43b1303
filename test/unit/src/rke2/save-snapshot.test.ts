/** save-snapshot.sh with a program of the test in place of RKE2. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const script = new URL("../../../../src/rke2/scripts/save-snapshot.sh", import.meta.url);

/** What RKE2 does on `save` with its store, which comes first, and without. */
function save(config: string, withStore: string) {
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
	const text = readFileSync(script, "utf8").replaceAll("/usr/local/bin/", `${directory}/`);
	const run = `set -Eeuo pipefail
node=cp1 STATE=${directory} RKE2_CONFIG=${directory} RKE2_DATA=/data
say() { echo "$*" >&2; }
fail() { say "$*"; exit 1; }
${text}
save_snapshot
report_not_stored`;
	const { stdout, stderr } = spawnSync("bash", ["-c", run], { encoding: "utf8" });
	const calls = readFileSync(join(directory, "calls"), "utf8").trim().split("\n");
	return { stdout, said: stderr.trim().split("\n"), saves: calls.filter((call) => call.includes(" save ")) };
}

const store = "profile: cis\netcd-s3: true\netcd-s3-config-secret: store\n";
const local = "etcd-snapshot save --etcd-s3=false --name before-change";
const named = "the state before this change is the snapshot before-change-cp1-1 in /data/server/db/snapshots";

test("a snapshot before a change is of the server alone without a store", () => {
	expect(save("profile: cis\n", "exit 1")).toEqual({ stdout: "", said: ["saving etcd", named], saves: [local] });
});

test("a snapshot before a change is in the store too", () => {
	const { stdout, said, saves } = save(store, "saved 2");
	expect(saves).toEqual(["etcd-snapshot save --name before-change"]);
	expect([stdout, said.slice(1)]).toEqual(["", [named, "the S3 store of cluster.etcdSnapshots.s3 has it too"]]);
});

test.each([
	["does not answer", "echo 400 Bad Request; exit 1", ["etcd-snapshot save --name before-change", local]],
	["refuses the object", "saved 1", ["etcd-snapshot save --name before-change"]],
])("a snapshot before a change is of the server alone, with a warning, when the store %s", (_, withStore, calls) => {
	const { stdout, said, saves } = save(store, withStore);
	expect(saves).toEqual(calls);
	expect(said).toContain(named);
	expect(stdout).toBe(
		"cp1: the S3 store of cluster.etcdSnapshots.s3 did not take the snapshot before-change-cp1-1, which is lost if this server is; `journalctl --unit rke2-server` there has the reason\n",
	);
});
