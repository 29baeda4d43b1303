/** Secrets and certificates of a running cluster are renewed, one after another, on one cluster. */
import { randomBytes, X509Certificate } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import type { EngineStep } from "../../rehearsal/engine/engine.ts";
import { Rehearsal } from "../../rehearsal/rehearsal.ts";
import { changeCount } from "../../rehearsal/report/result.ts";
import { complaints, errors, eventually, nodesOnly } from "./support/scenario.ts";

const servers = ["proj-k8sm01", "proj-k8sm02", "proj-k8sm03"] as const;
const [first, second, third] = servers;
const tokens = [1, 2].map(() => randomBytes(24).toString("hex")) as [string, string];
// With a token of their own, workers do not restart when the server token rotates.
const agentToken = randomBytes(24).toString("hex");
const rotated = { secrets: { clusterToken: tokens[0], agentToken } };
/** What leaves one while it is drained goes to the other. */
const workers = ["proj-k8sw01", "proj-k8sw02"] as const;
const kubeconfigUrn = "urn:pulumi:lab::rke2-lab::rke2-lab:cluster:Cluster$command:local:Command::cluster-kubeconfig";

let rehearsal: Rehearsal;
/** Called for each step of the run. */
let onStep: (step: EngineStep) => void = () => undefined;

beforeAll(async () => {
	rehearsal = await Rehearsal.open({
		name: "test-rotation",
		stack: "lab",
		policies: false,
		checkpoints: true,
		change: nodesOnly(...servers, ...workers),
		say: () => undefined,
		onStep: (step) => onStep(step),
	});
	expect(errors(await rehearsal.up({}, { secrets: { agentToken } }))).toEqual([]);
});

afterAll(async () => {
	await rehearsal.close();
});

/** Days for which the administrator's kubeconfig is valid. */
async function daysLeft(): Promise<number> {
	const { kubeconfig } = await rehearsal.outputs();
	const { users } = parse(String(kubeconfig?.value));
	const certificate = new X509Certificate(Buffer.from(users[0].user["client-certificate-data"], "base64"));
	return (Date.parse(certificate.validTo) - Date.now()) / 86_400_000;
}

const onServers = (command: string) => Promise.all(servers.map((server) => rehearsal.onNode(server, command)));

const tokenFile = (server: string) => rehearsal.onNode(server, "cat /etc/rancher/rke2/token");

/** Status of a server's registration port for a holder of the server token. sudo would log a token on the command line. */
const answerTo = (server: string, token: string) =>
	rehearsal.onNode(
		server,
		`sh -c 'printf "%s\\n" "user = server:$(echo ${Buffer.from(token).toString("base64")} | base64 -d)" | curl -sk -o /dev/null -w %{http_code} --config - https://127.0.0.1:9345/db/info'`,
	);

test("the token is not rotated while a server does not work", async () => {
	const before = await Promise.all(servers.map(tokenFile));
	await rehearsal.onNode(second, "sh -c 'kill -STOP $(pidof etcd)'");
	const refused = await rehearsal.up({}, rotated);
	await rehearsal.onNode(second, "sh -c 'kill -CONT $(pidof etcd)'");
	expect(complaints(refused)).toContain(
		`${first}: token: etcd of ${second} does not answer at 10.25.20.5; the token is rotated only while every server works, so nothing was changed`,
	);
	expect(await Promise.all(servers.map(tokenFile))).toEqual(before);
});

test("a rotation that was killed is finished before another one, and a server that restarts meanwhile comes back", async () => {
	const written = new Promise<void>((resolve) => {
		onStep = ({ urn, phase }) => {
			if (urn.endsWith(`::${first}-token`) && phase === "succeeded") {
				resolve();
			}
		};
	});
	const killed = rehearsal.up({}, rotated);
	await written;
	await rehearsal.kill("everything");
	expect((await killed).succeeded).toBe(false);
	await rehearsal.cancel();
	expect(await tokenFile(first)).toContain(tokens[0]);
	expect(await tokenFile(third)).toContain(rehearsal.secrets.clusterToken);

	const another = await rehearsal.up({}, { secrets: { clusterToken: tokens[1], agentToken } });
	expect(complaints(another)).toContain(
		"the last rotation of clusterToken is not done yet on proj-k8sm01, proj-k8sm02, proj-k8sm03, so nothing was changed; set clusterToken to the value of that rotation again, run `up`, and rotate afterwards",
	);

	await rehearsal.onNode(third, "systemctl restart --no-block rke2-server.service");
	await eventually(async () =>
		expect(await rehearsal.onNode(third, "journalctl --unit rke2-server.service --lines 50")).toContain(
			"bootstrap data already found and encrypted with different token",
		),
	);
	expect(await rehearsal.kubectl("get", "--raw", "/readyz")).toBe("ok");
});

test("another clusterToken reaches one server after the other, and the old one opens nothing", async () => {
	// The certificates that the servers issue when they restart end soon.
	await onServers("systemctl set-environment CATTLE_NEW_SIGNED_CERT_EXPIRATION_DAYS=20");
	await onServers("rm /var/lib/rancher/rke2/server/tls/client-admin.crt");
	const up = await rehearsal.up({}, rotated);
	await onServers("systemctl unset-environment CATTLE_NEW_SIGNED_CERT_EXPIRATION_DAYS");
	expect(complaints(up)).toBe("");
	for (const server of servers) {
		expect(await tokenFile(server)).toContain(`::server:${tokens[0]}`);
		expect(await answerTo(server, tokens[0])).toBe("200");
		expect(await answerTo(server, rehearsal.secrets.clusterToken)).toBe("401");
		expect(await rehearsal.onNode(server, "journalctl --no-pager --output cat")).not.toContain(tokens[0]);
	}
	expect(await rehearsal.verify()).toMatchObject({ etcdVoters: 3, problems: [] });
	expect(changeCount(await rehearsal.preview({}, rotated))).toBe(0);
});

test("the administrator's kubeconfig is read again before it expires, from a server that answers", async () => {
	expect(await daysLeft()).toBeGreaterThan(360);
	expect(errors(await rehearsal.up({}, { ...rotated, replace: [kubeconfigUrn] }))).toEqual([]);
	expect(await daysLeft()).toBeLessThan(21);

	await rehearsal.onNode(second, "systemctl restart rke2-server.service");
	await rehearsal.power(first, "stop");
	const preview = await rehearsal.preview({}, rotated);
	expect([errors(preview), changeCount(preview)]).toEqual([[], 1]);
	expect(complaints(await rehearsal.up({}, rotated))).toBe("");
	expect(await daysLeft()).toBeGreaterThan(360);
	expect(changeCount(await rehearsal.preview({}, rotated))).toBe(0);
	await rehearsal.power(first, "start");
	await eventually(async () => expect(await rehearsal.verify()).toMatchObject({ etcdVoters: 3, problems: [] }), 120);
});

test("another secretsEncryptionKey reaches every server, and nobody writes a Secret with the old one meanwhile", async () => {
	const keyed = { cluster: { secretsEncryptionKey: "2026-11" } };
	const kubectl = "/var/lib/rancher/rke2/bin/kubectl --kubeconfig /etc/rancher/rke2/rke2.yaml";
	const digests = () => onServers("sha256sum /var/lib/rancher/rke2/server/cred/encryption-config.json");
	const [before] = await digests();
	const following = new Promise<void>((resolve) => {
		onStep = ({ urn, phase }) => {
			if (urn.endsWith(`::${second}-2026-11-follow-encryption`) && phase === "started") {
				resolve();
			}
		};
	});
	const killed = rehearsal.up(keyed, rotated);
	await following;
	await rehearsal.kill("everything");
	expect((await killed).succeeded).toBe(false);
	await rehearsal.cancel();
	// It has the old key alone.
	await expect(
		rehearsal.onNode(third, `${kubectl} create secret generic meanwhile --from-literal=a=b`),
	).rejects.toThrow("the key that encrypts Secrets is being rotated; try again in some minutes");

	const undone =
		"cluster.secretsEncryptionKey: the rotation to 2026-11 is not done, and until then nobody can write a Secret, so nothing was changed; set the key to 2026-11, run `up`, and change it afterwards";
	expect(complaints(await rehearsal.preview({}, rotated))).toContain(undone);
	const another = { cluster: { secretsEncryptionKey: "2026-12" } };
	expect(complaints(await rehearsal.up(another, rotated))).toContain(undone);

	expect(complaints(await rehearsal.up(keyed, rotated))).toBe("");
	const after = new Set(await digests());
	expect([after.size, after.has(before!)]).toEqual([1, false]);
	const keys = await rehearsal.onNode(first, "cat /var/lib/rancher/rke2/server/cred/encryption-config.json");
	expect(keys.match(/"name":"[^"]*"/g)).toEqual([expect.stringMatching(/^"name":"secretboxkey-20/)]);
	for (const secrets of await onServers(`${kubectl} get secrets --all-namespaces --output name`)) {
		expect(secrets).toContain(`secret/${first}.node-password.rke2`);
	}
	await rehearsal.onNode(third, `${kubectl} create secret generic afterwards --from-literal=a=b`);
	expect(changeCount(await rehearsal.preview(keyed, rotated))).toBe(0);
});

test("another certificateRotation makes the certificates of one node after the other anew, once, also after a kill", async () => {
	const nodes = [...servers, ...workers];
	const keyed = { cluster: { secretsEncryptionKey: "2026-11", certificateRotation: "2026-12" } };
	const fingerprint = (file: string) => `openssl x509 -noout -fingerprint -sha256 -in ${file}`;
	const ofKubelet = fingerprint("/var/lib/rancher/rke2/agent/client-kubelet.crt");
	const ofServer = fingerprint("/var/lib/rancher/rke2/server/tls/serving-kube-apiserver.crt");
	const certificates = () =>
		Promise.all([
			...nodes.map((node) => rehearsal.onNode(node, ofKubelet)),
			...servers.map((server) => rehearsal.onNode(server, ofServer)),
		]);
	const authorities = () => onServers("sha256sum /var/lib/rancher/rke2/server/tls/server-ca.crt");
	const backups = "/var/lib/rancher/rke2/server/tls-* /var/lib/rancher/rke2/agent/tls-*";
	const timesRotated = async (node: string) =>
		(await rehearsal.onNode(node, `sh -c 'ls -d ${backups} 2>/dev/null || true'`)).split("\n").filter(Boolean).length;
	const [before, authority] = [await certificates(), await authorities()];

	const plan = (await rehearsal.preview(keyed, rotated)).diagnostics.map(({ message }) => message).join("\n");
	for (const node of nodes) {
		expect(plan).toContain(`${node}: the node is drained and RKE2 restarts, because its certificates are made anew.`);
	}
	// The servers restarted for the tests before this one, the workers never did.
	expect(plan).toMatch(/^proj-k8sm01: .* anew\. The last restart took \d+ s\.$/m);
	expect(plan).toMatch(
		/^proj-k8sm03: .* anew\. The last restart took \d+ s\. The 3 nodes up to here took about \d+ min\.$/m,
	);
	expect(plan).toMatch(/^proj-k8sw01: .* anew\.$/m);
	const restarting = new Promise<void>((resolve) => {
		onStep = ({ urn, phase }) => {
			if (urn.endsWith(`::${second}-converge`) && phase === "started") {
				resolve();
			}
		};
	});
	const killed = rehearsal.up(keyed, rotated);
	await restarting;
	await eventually(async () => expect(await timesRotated(second)).toBe(1), 120);
	await rehearsal.kill("everything");
	expect((await killed).succeeded).toBe(false);
	await rehearsal.cancel();

	expect(complaints(await rehearsal.up(keyed, rotated))).toBe("");
	const after = await certificates();
	expect(after.filter((one, index) => one === before[index])).toEqual([]);
	expect(await authorities()).toEqual(authority);
	expect(await Promise.all(nodes.map(timesRotated))).toEqual(nodes.map(() => 1));
	expect(await rehearsal.verify()).toMatchObject({ etcdVoters: 3, problems: [] });
	expect(changeCount(await rehearsal.preview(keyed, rotated))).toBe(0);
});
