/** Snapshots in the S3 store of the datacenter, and restores from it: on a server without a snapshot, and on a new one. */
import { createHash } from "node:crypto";
import { access, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CallOptions } from "../../rehearsal/options.ts";
import { Rehearsal } from "../../rehearsal/rehearsal.ts";
import { changeCount } from "../../rehearsal/report/result.ts";
import { snapshotStoreDirectory } from "../../rehearsal/run/run.ts";
import { snapshotAddresses } from "../../src/rke2/snapshot-addresses.ts";
import { textsUnder } from "../engine/state-files.ts";
import { complaints, eventually, nodesOnly } from "./support/scenario.ts";
import { readableTexts, searchSecrets } from "./support/secret-search.ts";

const server = "proj-k8sm01";
const version = "v1.35.7+rke2r1";
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
const exists = (object: string) => rehearsal.kubectl("get", object, "--ignore-not-found", "--output", "name");
const processId = () => rehearsal.onNode(server, "systemctl show --property MainPID --value rke2-server");
const restore = (name: string, options?: CallOptions) =>
	rehearsal.up({ cluster: { restore: { snapshot: name, server, from: "s3" } } }, options);

/** Runs a script of bash on the server as root. */
function script(text: string): Promise<string> {
	return rehearsal.onNode(server, `sh -c 'echo ${Buffer.from(text).toString("base64")} | base64 -d | bash'`);
}

/** The check of a restore, as the program calls it. */
function check(name: string, store: object = {}): Promise<string> {
	const { etcdS3AccessKey: accessKey = "", etcdS3SecretKey: secretKey = "" } = rehearsal.secrets;
	const described = { ...rehearsal.stack.cluster.etcdSnapshots.s3!, ...store };
	const addresses = snapshotAddresses(described, { accessKey, secretKey }, name, new Date());
	return script(
		`/usr/local/lib/rke2-lab/restore.sh ${server} check ${version} ${name} s3 <<'END'\n${addresses}\nEND\n`,
	);
}

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

test("the snapshot before a change is in the store", async () => {
	const said = await script(
		`exec 2>&1; cd /usr/local/lib/rke2-lab; . ./lib.sh; . ./save-snapshot.sh; begin test ${server}; save_snapshot; report_not_stored`,
	);
	const [, name] = /the state before this change is the snapshot (\S+) in/.exec(said)!;
	expect(said).toContain("the S3 store of cluster.etcdSnapshots.s3 has it too");
	await access(join(folder(), name!));
});

test("a snapshot that is absent, and a wrong key, are refused, and RKE2 goes on", async () => {
	const before = await processId();
	expect(complaints(await restore("absent"))).toMatch(
		/absent-s3-check-restore: .*cluster\.restore\.snapshot absent is not in the S3 store of cluster\.etcdSnapshots\.s3, so nothing was changed; it has: .*kept-/s,
	);
	expect(complaints(await restore(snapshot, { secrets: { etcdS3SecretKey: "wrong" } }))).toMatch(
		/the S3 store of cluster\.etcdSnapshots\.s3 answers 403 SignatureDoesNotMatch, so nothing was changed: .*look at its keys, and at etcdS3AccessKey and etcdS3SecretKey/s,
	);
	expect(await processId()).toBe(before);
});

test("a scheduled snapshot is in the store", async () => {
	await eventually(async () => expect(await scheduled()).not.toEqual([]), 90);
});

test("a server without a snapshot of its own is restored from the store, and gets no key of the store", async () => {
	await rehearsal.onNode(server, `sh -c 'rm -f ${snapshots}/*'`);
	const preview = await rehearsal.preview({ cluster: { restore: { snapshot, server, from: "s3" } } });
	expect(preview.diagnostics.map(({ message }) => message).join("\n")).toContain(
		`\`up\` restores etcd from the snapshot ${snapshot} in cluster.etcdSnapshots.s3, on ${server}.`,
	);
	const up = await restore(snapshot);
	expect(complaints(up)).toBe("");
	expect(await exists("configmap/before")).toContain("before");
	expect(await exists("configmap/after")).toBe("");
	expect(await rehearsal.onNode(server, "ls -a /var/lib/rke2-lab")).not.toContain("snapshot-from-store");
	await rehearsal.verify();

	const texts = textsUnder(join(rehearsal.run.directory, "engine"));
	texts.set("what was printed", JSON.stringify(up));
	for (const [place, command] of Object.entries(readableTexts)) {
		texts.set(`${place} of ${server}`, await rehearsal.onNode(server, command));
	}
	const { etcdS3AccessKey = "", etcdS3SecretKey = "" } = rehearsal.secrets;
	const secrets = { etcdS3AccessKey, etcdS3SecretKey, "a signed address": "X-Amz-Signature=" };
	expect(searchSecrets(secrets, texts)).toEqual([]);
});

// After the search for secrets: sudo writes these commands, with their signed addresses, to the journal.
test("a snapshot that is empty, damaged or of another cluster, and a store that does not answer or has another authority, are refused", async () => {
	await writeFile(join(folder(), "empty-1"), "");
	const content = await readFile(join(folder(), snapshot));
	await writeFile(join(folder(), "damaged-1"), content.subarray(0, 100_000));
	// The digest at the end is that of the changed content.
	const line = (await rehearsal.onNode(server, "sed -n 3p /var/lib/rancher/rke2/server/tls/server-ca.crt")).trim();
	const text = content
		.subarray(0, -32)
		.toString("latin1")
		.replaceAll(line, [...line].reverse().join(""));
	const foreign = Buffer.from(text, "latin1");
	await writeFile(join(folder(), "foreign-1"), Buffer.concat([foreign, createHash("sha256").update(foreign).digest()]));
	await expect(check("empty-1")).rejects.toThrow("cluster.restore.snapshot empty-1 is empty, so nothing was changed");
	await expect(check("damaged-1")).rejects.toThrow("cluster.restore.snapshot damaged-1 is damaged");
	await expect(check("foreign-1")).rejects.toThrow("cluster.restore.snapshot foreign-1 is of another cluster");
	await expect(check(snapshot, { endpoint: "s3.internal:9444" })).rejects.toThrow(
		/the S3 store of cluster\.etcdSnapshots\.s3 cannot be read, so nothing was changed: curl: \(7\)/,
	);
	await expect(check(snapshot, { endpointCa: undefined })).rejects.toThrow(
		/cannot be read, so nothing was changed: curl: \(60\) SSL certificate problem/,
	);
});

test("one up makes the only control plane anew and restores it from the store", async () => {
	await rehearsal.kubectl("create", "configmap", "later");
	const [, last] = /Snapshot (last-\S+) saved/.exec(await rke2("etcd-snapshot", "save", "--name", "last"))!;
	await rehearsal.kubectl("create", "configmap", "lost");
	await rehearsal.power(server, "stop");

	const nodes = { [server]: { vmId: 906 } };
	const change = { nodes, cluster: { restore: { snapshot: last, server, from: "s3" } } };
	expect(complaints(await rehearsal.up(change))).toBe("");
	expect(await exists("configmap/later")).toContain("later");
	expect(await exists("configmap/lost")).toBe("");
	await rehearsal.verify();
	expect(changeCount(await rehearsal.preview(change))).toBe(0);
});

test("the store retains as many scheduled snapshots as the stack file says", async () => {
	await eventually(async () => expect((await scheduled()).length).toBe(1), 30);
});

test("a change of a server stops without its snapshot in the store while the stack file requires it, and restarts nothing", async () => {
	const up = (store: object, more: object = {}) =>
		rehearsal.up({ nodes: { [server]: { vmId: 906 } }, cluster: { etcdSnapshots: { ...more, s3: store } } });
	const away = { endpoint: "s3.internal:9444", required: true };
	const before = await processId();
	expect(complaints(await up(away))).toBe("");
	expect(await processId()).toBe(before);

	const refused = complaints(await up(away, { retention: 20 }));
	const [, name] =
		/proj-k8sm01: converge: the S3 store of cluster\.etcdSnapshots\.s3 has to take the snapshot (before-change-proj-k8sm01-\d+) \(`required`\) and did not, so nothing was changed/.exec(
			refused,
		) ?? expect.fail(refused);
	expect(await processId()).toBe(before);
	expect(await rehearsal.onNode(server, `sh -c 'ls ${snapshots}; cat /etc/rancher/rke2/config.yaml'`)).toMatch(
		new RegExp(`${name}\\n[^]*etcd-snapshot-retention: 28\\n`),
	);

	// The corrected store reaches the cluster after the change of its server, so the same change takes the demand out.
	const repaired = await up({}, { retention: 20 });
	expect(complaints(repaired)).toBe("");
	expect(repaired.diagnostics.map(({ message }) => message).join("\n")).toMatch(
		/proj-k8sm01: the S3 store of cluster\.etcdSnapshots\.s3 did not take the snapshot before-change-/,
	);
	const changed = await processId();
	expect(changed).not.toBe(before);

	const beforeChange = async () => (await readdir(folder())).filter((file) => file.startsWith("before-change-"));
	const stored = await beforeChange();
	expect(complaints(await up({ required: true }, { retention: 21 }))).toBe("");
	expect(await processId()).not.toBe(changed);
	// The retention of the store is that of these snapshots too.
	expect((await beforeChange()).filter((file) => !stored.includes(file))).toHaveLength(1);
});
