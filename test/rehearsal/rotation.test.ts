/** Secrets and certificates of a running cluster are renewed, one after another, on one cluster. */
import { X509Certificate } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { Rehearsal } from "../../rehearsal/rehearsal.ts";
import { changeCount } from "../../rehearsal/report/result.ts";
import { complaints, errors, eventually, only } from "./support/scenario.ts";

const servers = ["proj-k8sm01", "proj-k8sm02", "proj-k8sm03"] as const;
const [first, second] = servers;
const worker = "proj-k8sw01";
const kubeconfigUrn = "urn:pulumi:lab::rke2-lab::rke2-lab:cluster:Cluster$command:local:Command::cluster-kubeconfig";

let rehearsal: Rehearsal;

beforeAll(async () => {
	rehearsal = await Rehearsal.open({
		name: "test-rotation",
		stack: "lab",
		change: { nodes: only(...servers, worker) },
		say: () => undefined,
	});
	expect(errors(await rehearsal.up())).toEqual([]);
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

test("the administrator's kubeconfig is read again before it expires, from a server that answers", async () => {
	expect(await daysLeft()).toBeGreaterThan(360);
	// A cluster whose certificates end soon.
	await onServers("systemctl set-environment CATTLE_NEW_SIGNED_CERT_EXPIRATION_DAYS=20");
	await onServers("rm /var/lib/rancher/rke2/server/tls/client-admin.crt");
	expect(errors(await rehearsal.up({ cluster: { etcdMetrics: true } }))).toEqual([]);
	await onServers("systemctl unset-environment CATTLE_NEW_SIGNED_CERT_EXPIRATION_DAYS");
	const changed = { cluster: { etcdMetrics: true } };
	expect(errors(await rehearsal.up(changed, { replace: [kubeconfigUrn] }))).toEqual([]);
	expect(await daysLeft()).toBeLessThan(21);

	await rehearsal.onNode(second, "systemctl restart rke2-server.service");
	await rehearsal.power(first, "stop");
	const preview = await rehearsal.preview(changed);
	expect([errors(preview), changeCount(preview)]).toEqual([[], 1]);
	expect(preview.diagnostics.map(({ message }) => message).join("\n")).toContain(
		"RKE2's certificates on the control planes end by ",
	);
	const up = await rehearsal.up(changed);
	expect(complaints(up)).toBe("");
	expect(await daysLeft()).toBeGreaterThan(360);
	expect(changeCount(await rehearsal.preview(changed))).toBe(0);
	await rehearsal.power(first, "start");
	await eventually(async () => expect(await rehearsal.verify()).toMatchObject({ etcdVoters: 3, problems: [] }), 120);
});
