/** Snapshots of the double of RKE2 in the S3 store of the datacenter. */
import { access, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Rehearsal } from "../../rehearsal/rehearsal.ts";
import { snapshotStoreDirectory } from "../../rehearsal/run/run.ts";
import { complaints, eventually, nodesOnly } from "./support/scenario.ts";

const server = "proj-k8sm01";
const snapshots = "/var/lib/rancher/rke2/server/db/snapshots";
const s3 = { endpoint: "s3.internal:9000", bucket: "rke2-etcd-backups", folder: "cluster1", retention: 1 };

let rehearsal: Rehearsal;
let snapshot: string;

// The tests are steps of one cluster.
beforeAll(async () => {
	rehearsal = await Rehearsal.open({
		name: "test-snapshot-store",
		stack: "lab",
		policies: false,
		change: {
			...nodesOnly(server, "proj-k8sw01"),
			cluster: { etcdSnapshots: { schedule: "* * * * *", s3 } },
		},
		say: () => undefined,
	});
	expect(complaints(await rehearsal.up())).toBe("");
});

afterAll(async () => {
	expect(await rehearsal?.close()).toMatchObject({ processes: 0, mounts: 0, namespaces: 0 });
});

const folder = () => join(snapshotStoreDirectory(rehearsal.run), "objects", s3.bucket, s3.folder);
const scheduled = async () => (await readdir(folder())).filter((name) => name.startsWith(`etcd-snapshot-${server}-`));
const rke2 = (...args: string[]) => rehearsal.onNode(server, `sh -c '/usr/local/bin/rke2 ${args.join(" ")} 2>&1'`);

test("a snapshot on demand is in the store and in the list", async () => {
	await rehearsal.kubectl("create", "configmap", "before");
	const saved = [...(await rke2("etcd-snapshot", "save", "--name", "kept")).matchAll(/Snapshot (kept-\S+) saved/g)];
	// One for the file, and one for the object.
	expect(saved.length).toBe(2);
	snapshot = saved[0]![1]!;
	await access(join(folder(), snapshot));
	const list = await rke2("etcd-snapshot", "ls");
	expect(list).toContain(`${snapshot} file://${snapshots}/${snapshot} `);
	expect(list).toContain(`${snapshot} s3://rke2-etcd-backups/cluster1/${snapshot} `);
	await rehearsal.kubectl("create", "configmap", "after");
});

test("a scheduled snapshot is in the store", async () => {
	await eventually(async () => expect(await scheduled()).not.toEqual([]), 90);
});

test("the store retains as many scheduled snapshots as the stack file says", async () => {
	await eventually(async () => expect((await scheduled()).length).toBe(1), 30);
});
