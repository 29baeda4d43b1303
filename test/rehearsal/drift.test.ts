/**
 * A stack of two machines that differs from its file, because it was changed by hand or because the file changed: which
 * operation finds the difference, which one repairs it, and which one changes nothing.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EngineResult } from "../../rehearsal/engine/engine.ts";
import { Rehearsal } from "../../rehearsal/rehearsal.ts";
import { changeCount } from "../../rehearsal/report/result.ts";
import { administratorsBinding, oidcPrefix } from "../../src/facts/administrators.ts";
import { complaints, nodesOnly } from "./support/scenario.ts";

const server = "proj-k8sm01";
const worker = "proj-k8sw01";
/** Groups need an identity provider. */
const oidc = { issuer: "https://idp.lab.internal", clientId: "kubernetes" };

const twoQuotas = {
	platform: {
		namespaces: { monitoring: { quota: { storageGiB: 100 } }, "data-pipeline": { quota: { storageGiB: 200 } } },
	},
};

describe("a stack that differs from its file", () => {
	let rehearsal: Rehearsal;
	let built: EngineResult;

	beforeAll(async () => {
		rehearsal = await Rehearsal.open({
			name: "test-drift",
			stack: "lab",
			policies: false,
			change: { ...nodesOnly(server, worker), access: { oidc } },
			say: () => undefined,
		});
		built = await rehearsal.up();
		expect(complaints(built)).toBe("");
	});

	afterAll(async () => {
		await rehearsal.close();
	});

	test("a preview that expects no changes fails when the stack file changed", async () => {
		const expected = await rehearsal.preview({}, { expectNoChanges: true });
		expect([complaints(expected), expected.succeeded]).toEqual(["", true]);
		const unexpected = await rehearsal.preview(twoQuotas, { expectNoChanges: true });
		expect(unexpected.succeeded).toBe(false);
		expect(complaints(unexpected)).toContain("no changes were expected for preview but changes were proposed");
	});

	test("a refresh changes nothing when nothing drifted", async () => {
		const refresh = await rehearsal.refresh();
		expect(complaints(refresh)).toBe("");
		expect(changed(refresh)).toEqual([]);
		expect(changeCount(await rehearsal.preview())).toBe(0);
	});

	test("up with a target changes only this target when the stack file changed two", async () => {
		const up = await rehearsal.up(twoQuotas, { targets: [urnOf(({ urn }) => urn.endsWith("::monitoring-quota"))] });
		expect(complaints(up)).toBe("");
		expect(changed(up)).toEqual(["update monitoring-quota"]);
		expect(await storageOf("monitoring")).toBe("100Gi");
		expect(await storageOf("data-pipeline")).toBe("500Gi");
		expect(changed(await rehearsal.preview(twoQuotas))).toEqual(["update data-pipeline-quota"]);
		expect(changed(await rehearsal.up())).toEqual(["update monitoring-quota"]);
	});

	test("only a run with a refresh finds and repairs changed memory and a deleted object", async () => {
		await rehearsal.configure(worker, { memory: "16384" });
		await rehearsal.kubectl("delete", "networkpolicy", "default-deny-all", "-n", "monitoring");
		expect(changed(await rehearsal.preview())).toEqual([]);

		const preview = await rehearsal.preview({}, { refresh: true });
		expect(complaints(preview)).toBe("");
		const up = await rehearsal.up({}, { refresh: true });
		expect(complaints(up)).toBe("");
		for (const run of [preview, up]) {
			expect(changed(run)).toEqual(["create monitoring-default-deny-all", `update ${worker}`]);
			expect(run.changes.replace).toBe(0);
		}
		expect(changed(await rehearsal.preview({}, { refresh: true }))).toEqual([]);
		expect((await rehearsal.verify()).problems).toEqual([]);
	});

	test("a run with a refresh is refused when another tool set a field, until it is forced", async () => {
		await setQuota("--field-manager=dashboard");
		expect(changed(await rehearsal.preview())).toEqual([]);
		const refused = /conflict with "dashboard" using v1: \.spec\.hard\.requests\.storage/;
		expect(complaints(await rehearsal.preview({}, { refresh: true }))).toMatch(refused);
		expect(complaints(await rehearsal.up({}, { refresh: true }))).toMatch(refused);
		expect(await storageOf("monitoring")).toBe("9Gi");

		const forced = { refresh: true, environment: { PULUMI_K8S_ENABLE_PATCH_FORCE: "true" } };
		for (const run of [await rehearsal.preview({}, forced), await rehearsal.up({}, forced)]) {
			expect(complaints(run)).toBe("");
			expect(changed(run)).toEqual(["update kubernetes", "update monitoring-quota"]);
		}
		expect(await storageOf("monitoring")).toBe("500Gi");
		// The SDK makes the variable an input of the provider. The next run without the variable removes it.
		expect(changed(await rehearsal.up({}, { refresh: true }))).toEqual(["update kubernetes"]);
		expect(changed(await rehearsal.preview({}, { refresh: true }))).toEqual([]);
	});

	test("a preview with a refresh is refused when kubectl set a field, and up resets the field", async () => {
		await setQuota();
		// The provider takes over kubectl's fields before it writes. A dry run cannot do that.
		const refused = /conflict with "kubectl-patch" using v1: \.spec\.hard\.requests\.storage/;
		expect(complaints(await rehearsal.preview({}, { refresh: true }))).toMatch(refused);
		const up = await rehearsal.up({}, { refresh: true });
		expect(complaints(up)).toBe("");
		expect(changed(up)).toEqual(["update monitoring-quota"]);
		expect(await storageOf("monitoring")).toBe("500Gi");
		expect(changed(await rehearsal.preview({}, { refresh: true }))).toEqual([]);
	});

	test("an import takes over an object that was made by hand, and up does not change it", async () => {
		const administrators = { access: { clusterAdministrators: ["platform-team"] } };
		const group = `--group=${oidcPrefix}platform-team`;
		await rehearsal.kubectl(
			"create",
			"clusterrolebinding",
			administratorsBinding,
			"--clusterrole=cluster-admin",
			group,
		);
		expect(changed(await rehearsal.preview(administrators))).toEqual([`create ${administratorsBinding}`]);

		const imported = await rehearsal.import([
			{
				type: "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
				name: administratorsBinding,
				id: administratorsBinding,
				parent: urnOf(({ type }) => type === "rke2-lab:cluster:Access"),
				provider: urnOf(({ type }) => type === "pulumi:providers:kubernetes"),
			},
		]);
		expect(complaints(imported)).toBe("");
		expect(changed(await rehearsal.preview(administrators))).toEqual([]);
		// The program owns it now and deletes it when the group is removed.
		expect(changed(await rehearsal.up())).toEqual([`delete ${administratorsBinding}`]);
	});

	describe("files on the nodes", () => {
		const kernel = "/etc/sysctl.d/99-zz-rke2-cis.conf";
		const config = "/etc/rancher/rke2/config.yaml";
		const token = "/etc/rancher/rke2/token";

		test("npm run drift finds nothing when nobody changed a file", async () => {
			expect(await rehearsal.command("drift")).toEqual({
				status: 0,
				printed: "The files of 2 nodes are as the program wrote them.\n",
			});
		});

		test("npm run drift names each changed file and no secret, and neither the preview nor the nodes change", async () => {
			await rehearsal.onNode(server, `sh -c 'chmod 0644 ${token}; echo debug: true >>${config}'`);
			await rehearsal.onNode(worker, `sh -c 'rm ${kernel}; echo K10::server:secret >/etc/rancher/rke2/agent-token'`);
			const { status, printed } = await rehearsal.command("drift");
			expect([status, printed.split("\n").sort()]).toEqual([
				1,
				[
					"",
					"2 of 2 nodes differ. `npm run drift -- --record` makes the next `up` write these files again.",
					`${server}: ${config} has a line that nobody wants, with debug.`,
					`${server}: ${token} has mode 0644 and owner root:root.`,
					`${worker}: /etc/rancher/rke2/agent-token has other contents.`,
					`${worker}: ${kernel} is missing.`,
				],
			]);
			expect(changed(await rehearsal.preview())).toEqual([]);
		});

		test("a recorded difference is a change of the next preview, and up writes the files again, one node at a time", async () => {
			expect((await rehearsal.command("drift", {}, "--record")).status).toBe(0);
			const steps = [
				`${server}-converge`,
				`${server}-token`,
				`${worker}-converge`,
				`${worker}-prepare`,
				`${worker}-token`,
			];
			const preview = await rehearsal.preview();
			expect(changed(preview)).toEqual(steps.map((step) => `update ${step}`));
			expect(preview.diagnostics.map(({ message }) => message.trim())).toEqual(
				expect.arrayContaining([
					`${server}: the node is drained and RKE2 restarts, because ${config} has a line that nobody wants, with debug; ${token} has mode 0644 and owner root:root.`,
					`${worker}: the node is drained and RKE2 restarts, because /etc/rancher/rke2/agent-token has other contents.`,
				]),
			);
			const up = await rehearsal.up();
			expect(complaints(up)).toBe("");
			expect(changed(up)).toEqual(steps.map((step) => `update ${step}`));
			expect((await rehearsal.command("drift")).printed).toBe("The files of 2 nodes are as the program wrote them.\n");
			expect(changed(await rehearsal.preview())).toEqual([]);
			expect((await rehearsal.verify()).problems).toEqual([]);
		});

		test("a convergence that did not end is a change of the next preview once it is recorded", async () => {
			const restarts = () =>
				rehearsal.onNode(worker, "systemctl show --property ActiveEnterTimestampMonotonic rke2-agent.service");
			const before = await restarts();
			await rehearsal.onNode(worker, "rm /var/lib/rke2-lab/applied");
			expect(await rehearsal.command("drift", {}, "--record")).toMatchObject({
				status: 0,
				printed: expect.stringContaining(`${worker}: the last convergence of this node has not ended.`),
			});
			expect(changed(await rehearsal.up())).toEqual([`update ${worker}-converge`]);
			expect(await restarts()).not.toBe(before);
			expect((await rehearsal.command("drift")).status).toBe(0);
		});

		test("npm run drift names a node that does not answer", async () => {
			await rehearsal.power(worker, "stop");
			const { status, printed } = await rehearsal.command("drift");
			expect(status).toBe(1);
			expect(printed).toMatch(new RegExp(`^${worker}: its files cannot be read: .*10\\.25\\.20\\.7.*\\.$`, "m"));
			expect(printed).toContain("The files of 1 node are as the program wrote them.");
		});
	});

	function urnOf(wanted: (step: EngineResult["steps"][number]) => boolean): string {
		return built.steps.find(wanted)!.urn;
	}

	async function setQuota(...options: string[]): Promise<void> {
		const patch = JSON.stringify({ spec: { hard: { "requests.storage": "9Gi" } } });
		const quota = ["resourcequota", "quota", "-n", "monitoring"];
		await rehearsal.kubectl("patch", ...quota, "--type=merge", "-p", patch, ...options);
	}

	async function storageOf(namespace: string): Promise<string> {
		const path = "jsonpath={.spec.hard.requests\\.storage}";
		return rehearsal.kubectl("get", "resourcequota", "quota", "-n", namespace, "-o", path);
	}
});

/** Operation and name of each changed resource. */
function changed({ steps }: EngineResult): string[] {
	return steps
		.filter(({ operation }) => operation !== "same")
		.map(({ operation, urn }) => `${operation} ${urn.split("::").at(-1)}`)
		.sort();
}
