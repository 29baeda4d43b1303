/** A restore of three control planes by the key of the stack file, with its refusals, killed in the middle, and after two are lost. */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { EngineResult, EngineStep } from "../../rehearsal/engine/engine.ts";
import { Rehearsal } from "../../rehearsal/rehearsal.ts";
import { changeCount } from "../../rehearsal/report/result.ts";
import { complaints, errors, nodesOnly } from "./support/scenario.ts";

const servers = ["proj-k8sm01", "proj-k8sm02", "proj-k8sm03"];
// Not the server that created the cluster: any one may restore it.
const holder = "proj-k8sm02";
const worker = "proj-k8sw01";
const snapshots = "/var/lib/rancher/rke2/server/db/snapshots";

let rehearsal: Rehearsal;
let onStep: (step: EngineStep) => void = () => undefined;
let snapshot: string;
/** An object of the stack that the snapshot does not have. */
let quota: string;

// The tests are steps of one cluster.
beforeAll(async () => {
	rehearsal = await Rehearsal.open({
		name: "test-restore",
		stack: "lab",
		policies: false,
		checkpoints: true,
		change: nodesOnly(...servers, worker),
		say: () => undefined,
		onStep: (step) => onStep(step),
	});
	expect(complaints(await rehearsal.up())).toBe("");
	await rehearsal.kubectl("create", "configmap", "before");
	quota = (await rehearsal.kubectl("get", "resourcequotas", "--namespace", "monitoring", "--output", "name")).trim();
	const object = await rehearsal.kubectl("get", quota, "--namespace", "monitoring", "--output", "json");
	await rehearsal.kubectl("delete", quota, "--namespace", "monitoring");
	const saved = await rehearsal.onNode(holder, "sh -c '/usr/local/bin/rke2 etcd-snapshot save --name kept 2>&1'");
	snapshot = /Snapshot (kept-\S+) saved/.exec(saved)![1]!;
	const { name, namespace, labels } = JSON.parse(object).metadata;
	const { spec } = JSON.parse(object);
	await create({ apiVersion: "v1", kind: "ResourceQuota", metadata: { name, namespace, labels }, spec });
	await rehearsal.kubectl("create", "configmap", "after");
});

afterAll(async () => {
	await rehearsal.close();
});

const restore = (name: string, server = holder) => ({ cluster: { restore: { snapshot: name, server } } });
const messages = ({ diagnostics }: EngineResult) => diagnostics.map(({ message }) => message).join("\n");
const processes = () =>
	Promise.all(
		servers.map((server) => rehearsal.onNode(server, "systemctl show --property MainPID --value rke2-server")),
	);
const exists = (object: string, ...more: string[]) =>
	rehearsal.kubectl("get", object, "--ignore-not-found", "--output", "name", ...more);

/** Runs a script of bash on a node as root. */
function script(node: string, text: string): Promise<string> {
	return rehearsal.onNode(node, `sh -c 'echo ${Buffer.from(text).toString("base64")} | base64 -d | bash'`);
}

async function create(object: object): Promise<void> {
	const kubectl = "/var/lib/rancher/rke2/bin/kubectl --kubeconfig /etc/rancher/rke2/rke2.yaml";
	await script(servers[0]!, `${kubectl} create --filename - <<'END'\n${JSON.stringify(object)}\nEND\n`);
}

test("a snapshot that is absent, empty, damaged, of another cluster or of a newer minor is refused, and every server goes on", async () => {
	// The digest at the end is that of the changed content.
	await script(
		holder,
		`set -e; export LC_ALL=C; cd ${snapshots}
		sealed() { head -c -32 ${snapshot} | sed "$2" >$1; printf "$(sha256sum $1 | cut -c-64 | sed 's/../\\\\x&/g')" >>$1; }
		line=$(sed -n 3p /var/lib/rancher/rke2/server/tls/server-ca.crt)
		touch empty
		head -c 100000 ${snapshot} >damaged
		sealed foreign "s|$line|$(rev <<<"$line")|g"
		sealed newer 's/v1[.]35[.]7+rke2r1/v1.36.7+rke2r1/g'`,
	);
	// The page's command for step 1 shows them all.
	const page = await readFile(new URL("../../docs/operations/restore.md", import.meta.url), "utf8");
	const [, list] = /ssh ops@<control plane> sudo (.*)/.exec(page)!;
	expect((await rehearsal.onNode(holder, list!)).split("\n")).toEqual(expect.arrayContaining([snapshot, "damaged"]));

	const before = await processes();
	const absent = await rehearsal.up(restore("absent"));
	expect(complaints(absent)).toMatch(
		/absent-check-restore: .*cluster\.restore\.snapshot absent is not in \S+ of this server, so nothing was changed; it has: .*kept-/s,
	);
	for (const [name, sentence] of [
		["empty", "is empty, so nothing was changed"],
		["damaged", "is damaged: its content does not have the digest at its end, so nothing was changed"],
		["foreign", "is of another cluster: it does not have this cluster's certificate authority, so nothing was changed"],
		[
			"newer",
			"is of v1.36.7+rke2r1, a newer minor than cluster.version v1.35.7+rke2r1, which cannot read it; nothing was changed",
		],
	] as const) {
		await expect(
			rehearsal.onNode(holder, `/usr/local/lib/rke2-lab/restore.sh ${holder} check v1.35.7+rke2r1 ${name} server`),
		).rejects.toThrow(`${holder}: restore: cluster.restore.snapshot ${name} ${sentence}`);
	}
	expect(await processes()).toEqual(before);
});

test("a preview says what a restore stops and takes back", async () => {
	const preview = await rehearsal.preview(restore(snapshot));
	expect(complaints(preview)).toBe("");
	expect(messages(preview)).toContain(
		`\`up\` restores etcd from the snapshot ${snapshot} of ${holder}. All control planes (${servers.join(", ")}) stop: the API is away for some minutes`,
	);
});

test("a restore that was killed while all servers were stopped is finished by the next up", async () => {
	const resetting = new Promise<void>((resolve) => {
		onStep = ({ urn, phase }) => {
			if (urn.endsWith("-reset-restore") && phase === "started") {
				resolve();
			}
		};
	});
	const run = rehearsal.up(restore(snapshot));
	await resetting;
	await rehearsal.kill("everything");
	expect((await run).succeeded).toBe(false);
	await rehearsal.cancel();

	const up = await rehearsal.up(restore(snapshot));
	expect(complaints(up)).toBe("");
	expect(messages(up)).toContain("run `pulumi up --refresh`, which creates them again");
	expect(await exists("configmap/before")).toContain("before");
	expect(await exists("configmap/after")).toBe("");
	expect(await exists(quota, "--namespace", "monitoring")).toBe("");
	await rehearsal.verify();
});

test("up with a refresh creates the object that the snapshot did not have, and the key in the file does nothing again", async () => {
	expect(complaints(await rehearsal.up(restore(snapshot), { refresh: true }))).toBe("");
	expect(await exists(quota, "--namespace", "monitoring")).not.toBe("");
	await rehearsal.kubectl("create", "configmap", "later");
	expect(changeCount(await rehearsal.preview(restore(snapshot)))).toBe(0);
	const before = await processes();
	const leftOver = await rehearsal.up(restore(snapshot));
	expect(complaints(leftOver)).toBe("");
	expect(messages(leftOver)).toContain(
		`cluster.restore: the restore of ${snapshot} is done, and the key does nothing any more; remove it.`,
	);
	expect(complaints(await rehearsal.up())).toBe("");
	expect(await processes()).toEqual(before);
	expect(await exists("configmap/later")).toContain("later");
	expect(changeCount(await rehearsal.preview())).toBe(0);
});

test("one up restores a cluster that has lost two control planes with their quorum, and makes them anew", async () => {
	const [dead, , deleted] = servers as [string, string, string];
	await rehearsal.kubectl("create", "configmap", "saved");
	const saved = await rehearsal.onNode(holder, "sh -c '/usr/local/bin/rke2 etcd-snapshot save --name last 2>&1'");
	const [, last] = /Snapshot (last-\S+) saved/.exec(saved)!;
	await rehearsal.kubectl("create", "configmap", "lost");
	const uids = () => rehearsal.kubectl("get", "nodes", "--output", "jsonpath={.items[*].metadata.uid}");
	const before = (await uids()).split(" ");
	// The host of one is lost, and the VM of the other one.
	await rehearsal.power(dead, "stop");
	await rehearsal.deleteMachine(deleted);
	const nodes = { [dead]: { host: "node05" }, [deleted]: { vmId: 906 } };

	const alone = await rehearsal.up({ nodes });
	expect(complaints(alone)).toContain("the VMs of 2 control planes cannot be deleted in one `up`");

	// The page's way to tell Pulumi of the deleted VM: to look at every object would ask the API for each.
	const page = await readFile(new URL("../../docs/operations/restore.md", import.meta.url), "utf8");
	const [, target] = /pulumi refresh --target '(.*)'/.exec(page)!;
	expect(complaints(await rehearsal.refresh({ targets: [target!.replace("<node>", deleted)] }))).toBe("");
	const preview = await rehearsal.preview({ nodes, ...restore(last!) });
	expect(messages(preview)).toContain(`\`up\` restores etcd from the snapshot ${last} of ${holder}`);
	// It asks the API what it would make of an object that changes.
	for (const error of errors(preview)) {
		expect(error).toContain("10.25.20.29:6443");
	}
	const up = await rehearsal.up({ nodes, ...restore(last!) });
	expect(complaints(up)).toBe("");
	expect(messages(up)).toContain("leaves without being drained, and the restored cluster forgets it");
	expect(await exists("configmap/saved")).toContain("saved");
	expect(await exists("configmap/lost")).toBe("");
	const after = (await uids()).split(" ");
	// The holder and the worker are the nodes of before.
	expect(after.filter((uid) => before.includes(uid))).toHaveLength(2);
	await rehearsal.verify();
	expect(changeCount(await rehearsal.preview({ nodes, ...restore(last!) }))).toBe(0);
});
