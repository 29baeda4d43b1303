/**
 * Faults of a datacenter, on a stack of two machines: the error names the node and the step, nothing is lost, and the next
 * `up` continues. Each test continues from the state of the one before.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Rehearsal } from "../../rehearsal/rehearsal.ts";
import { changeCount } from "../../rehearsal/report/result.ts";
import { complaints, only, without } from "./support/scenario.ts";

const tarball = "/artifacts/v1.35.7+rke2r1/rke2.linux-amd64.tar.gz";
const otherHostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJz8b0Pp9l3jJr7sX3jv7oYk0Zr3y1m1w9Q3c5tqv8aB";

describe("a run with faults", () => {
	let rehearsal: Rehearsal;

	beforeAll(async () => {
		rehearsal = await Rehearsal.open({
			name: "test-failures",
			stack: "lab",
			change: {
				nodes: only("proj-k8sm01", "proj-k8sw01"),
				platform: without("metallb", "gpuOperator"),
				ssh: { bootTimeoutSeconds: 20 },
			},
			say: () => undefined,
		});
	});

	afterAll(async () => {
		await rehearsal.close();
	});

	test("a preview fails when a policy is violated", async () => {
		const result = await rehearsal.preview({ platform: { namespaces: { ollama: { podSecurity: "privileged" } } } });
		expect(result.succeeded).toBe(false);
		const mandatory = result.policies.violations.filter(({ level }) => level === "mandatory");
		expect(mandatory.map(({ policy }) => policy)).toEqual(["kubernetes-pod-security"]);
	});

	test("up changes nothing and reports every mistake when the stack file is wrong", async () => {
		const result = await rehearsal.up({
			nodes: { "proj-k8sw01": { address: "10.25.20.4" } },
			cluster: { version: "stable" },
		});
		expect(result.succeeded).toBe(false);
		expect(complaints(result)).toContain("cluster.version: must be one full RKE2 version");
		expect(await rehearsal.datacenter.inventory()).toEqual({ vms: 0, volumes: 0 });
	});

	test("up fails when Proxmox does not accept the token", async () => {
		await rehearsal.datacenter.injectFault({
			kind: "reply",
			path: ".*",
			status: 401,
			message: "no such token",
			times: 100,
		});
		const result = await rehearsal.up();
		await rehearsal.datacenter.injectFault({ kind: "clear" });
		expect(result.succeeded).toBe(false);
		expect(complaints(result)).toMatch(/image-node01[\s\S]*401/);
	});

	test("up fails when Proxmox closes the connection", async () => {
		await rehearsal.datacenter.injectFault({ kind: "disconnect", path: ".*", times: 100 });
		const result = await rehearsal.up();
		await rehearsal.datacenter.injectFault({ kind: "clear" });
		expect(result.succeeded).toBe(false);
		expect(complaints(result)).toMatch(/image-node01[\s\S]*10\.16\.207\.61/);
	});

	test("up fails when a task fails on the host", async () => {
		const message = "unable to create VM 104 - no space left";
		await rehearsal.datacenter.injectFault({ kind: "fail task", type: "qmcreate", id: "104", message });
		const result = await rehearsal.up();
		expect(result.succeeded).toBe(false);
		expect(complaints(result)).toMatch(/proj-k8sm01[\s\S]*no space left/);
	});

	test("up names the node when its machine does not answer SSH", async () => {
		// The failed `up` created the other machine.
		await rehearsal.datacenter.injectFault({ kind: "link", vmId: 107, up: false });
		const result = await rehearsal.up();
		await rehearsal.datacenter.injectFault({ kind: "link", vmId: 107, up: true });
		expect(result.succeeded).toBe(false);
		expect(complaints(result)).toContain(
			"proj-k8sw01: host-key: no SSH server with an ed25519 key answered at 10.25.20.7",
		);
	});

	test("up fails when a machine presents another host key than that of the stack file", async () => {
		const result = await rehearsal.up({ ssh: { hostKeys: { "proj-k8sw01": otherHostKey } } });
		expect(result.succeeded).toBe(false);
		expect(complaints(result)).toContain("proj-k8sw01: host-key: 10.25.20.7 presents another host key");
	});

	test("a node does not unpack a release when its checksum is wrong", async () => {
		await rehearsal.datacenter.injectFault({ kind: "mirror", path: tarball, fault: "altered" });
		const result = await rehearsal.up();
		await rehearsal.datacenter.injectFault({ kind: "clear" });
		expect(result.succeeded).toBe(false);
		expect(complaints(result)).toMatch(/proj-k8sw01: prepare: the checksum of .* is .*; nothing was installed/);
	});

	test("up fails when Cloudflare does not accept the token", async () => {
		const hasty = { platform: { checks: { timeoutSeconds: 30 } } };
		const result = await rehearsal.up(hasty, { secrets: { cloudflareApiToken: "hunter2" } });
		expect(result.succeeded).toBe(false);
		expect(complaints(result)).toMatch(
			/The certificate wildcard-tls was not issued: the challenge for radioastronomy\.io says: .* 6003: .* Cloudflare does not accept the token: set another cloudflareApiToken/,
		);
	});

	test("the next up continues, and a preview is empty when the faults have ended", async () => {
		const result = await rehearsal.up();
		expect(complaints(result)).toBe("");
		expect(result.succeeded).toBe(true);
		expect(await rehearsal.kubectl("get", "secret", "wildcard-tls", "-n", "traefik", "--output", "name")).toBe(
			"secret/wildcard-tls\n",
		);
		expect(changeCount(await rehearsal.preview())).toBe(0);
		expect((await rehearsal.verify()).problems).toEqual([]);
	});

	test("up changes a machine when its backup lock has ended", async () => {
		await rehearsal.datacenter.injectFault({ kind: "lock", vmId: 107 });
		const change = { nodes: { "proj-k8sw01": { cmdbId: "VM-0999" } } };
		const refused = await rehearsal.up(change);
		expect(refused.succeeded).toBe(false);
		expect(complaints(refused)).toMatch(/proj-k8sw01[\s\S]*VM is locked \(backup\)/);
		await rehearsal.datacenter.injectFault({ kind: "clear" });
		const up = await rehearsal.up(change);
		expect(complaints(up)).toBe("");
		const changed = up.steps.filter(({ operation }) => operation !== "same");
		expect(changed.map(({ operation, urn }) => `${operation} ${urn.split("::").at(-1)}`)).toEqual([
			"update proj-k8sw01",
		]);
	});
});
