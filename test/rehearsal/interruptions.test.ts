/**
 * Runs that end early, on a stack of two machines: by Ctrl+C, and by a crash of the workstation. The next `up` continues, and
 * a preview is empty at the end.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EngineResult, EngineStep } from "../../rehearsal/engine/engine.ts";
import { Rehearsal } from "../../rehearsal/rehearsal.ts";
import { changeCount } from "../../rehearsal/report/result.ts";
import { complaints, eventually, only, without } from "./support/scenario.ts";

const server = "proj-k8sm01";
const worker = "proj-k8sw01";
/** Changes the release, whose pods then have to be replaced. */
const changed = { platform: { certManager: { recursiveNameservers: ["9.9.9.9"] } } };

describe("an interrupted run", () => {
	let rehearsal: Rehearsal;
	/** Called for each step of the run. */
	let onStep: (step: EngineStep) => void = () => undefined;

	beforeAll(async () => {
		rehearsal = await Rehearsal.open({
			name: "test-interruptions",
			stack: "lab",
			policies: false,
			checkpoints: true,
			change: { nodes: only(server, worker), platform: without("metallb", "gpuOperator") },
			say: () => undefined,
			onStep: (step) => onStep(step),
		});
	});

	afterAll(async () => {
		await rehearsal.close();
	});

	/** Resolves when the step of the resource reaches the phase. */
	function step(name: string, phase: EngineStep["phase"]): Promise<void> {
		return new Promise((resolve) => {
			onStep = ({ urn, phase: reached }) => {
				if (urn.endsWith(`::${name}`) && reached === phase) {
					resolve();
				}
			};
		});
	}

	/** Runs kubectl on the server, because the stack has no kubeconfig before the end of its first run. */
	function kubectl(...args: string[]): Promise<string> {
		return rehearsal.onNode(
			server,
			`/var/lib/rancher/rke2/bin/kubectl --kubeconfig /etc/rancher/rke2/rke2.yaml ${args.join(" ")}`,
		);
	}

	/** Helm's Secret of the newest revision of cert-manager; undefined before the first one. */
	async function newestRevision(): Promise<{ uid: string; status: string } | undefined> {
		const columns = "custom-columns=:.metadata.uid,:.metadata.labels.status";
		const secrets = [
			"get",
			"secrets",
			"-n",
			"cert-manager",
			"-l",
			"owner=helm",
			"--sort-by",
			".metadata.creationTimestamp",
		];
		const [uid, status] = (await kubectl(...secrets, "-o", columns)).trim().split("\n").at(-1)!.split(/\s+/);
		return uid && status ? { uid, status } : undefined;
	}

	/** Starts a run, and kills it while Helm waits for pods that no node accepts. */
	async function killWhileHelmWaits(
		start: () => Promise<EngineResult>,
		status: string,
		what: "cli" | "everything",
		known: "nothing" | "what is there" = "what is there",
	): Promise<EngineResult> {
		const before = known === "nothing" ? undefined : await newestRevision();
		const run = start();
		await eventually(async () => {
			const newest = await newestRevision();
			expect(newest?.status).toBe(status);
			expect(newest?.uid).not.toBe(before?.uid);
		}, 120);
		await rehearsal.kill(what);
		return run;
	}

	test("reports the cancellation when it gets Ctrl+C", async () => {
		const joining = step(`${worker}-join`, "started");
		const run = rehearsal.up();
		await joining;
		await rehearsal.interrupt();
		const interrupted = await run;
		expect(interrupted.succeeded).toBe(false);
		expect(complaints(interrupted)).toMatch(/cancel/);
	});

	test("leaves a lock that refuses the next run when the workstation crashes while Helm installs", async () => {
		const converged = step(`${worker}-converge`, "succeeded");
		const run = rehearsal.up();
		await converged;
		await kubectl("cordon", worker);
		expect((await killWhileHelmWaits(() => run, "pending-install", "everything", "nothing")).succeeded).toBe(false);

		const refused = await rehearsal.up();
		expect(refused.succeeded).toBe(false);
		expect(complaints(refused)).toMatch(/the stack is currently locked by/);
		await rehearsal.cancel();
	});

	test("lets the plugin finish the installation when only the CLI is killed while Helm installs", async () => {
		expect((await killWhileHelmWaits(() => rehearsal.up(), "pending-install", "cli")).succeeded).toBe(false);
		await rehearsal.cancel();
		await kubectl("uncordon", worker);
		await eventually(async () => expect((await newestRevision())?.status).toBe("deployed"), 120);
	});

	test("is continued by the next run, which names the release, and a preview is then empty", async () => {
		const up = await rehearsal.up();
		expect(complaints(up)).toBe("");
		expect(warnings(up)).toContainEqual(
			"Helm's state of the release cert-manager in the namespace cert-manager differs from Pulumi's: an earlier run was interrupted, or another program installed the release. Helm's records of revision 1 (deployed) were deleted, and Helm starts again.",
		);
		expect((await newestRevision())?.status).toBe("deployed");
		expect(changeCount(await rehearsal.preview())).toBe(0);
		expect((await rehearsal.verify()).problems).toEqual([]);
	});

	test("a release is deployed when it was replaced on purpose", async () => {
		const release =
			"urn:pulumi:lab::rke2-lab::rke2-lab:platform:Platform$rke2-lab:platform:CertManager$kubernetes:helm.sh/v3:Release::cert-manager";
		const up = await rehearsal.up({}, { replace: [release] });
		expect(complaints(up)).toBe("");
		expect((await newestRevision())?.status).toBe("deployed");
		expect((await rehearsal.verify()).problems).toEqual([]);
	});

	test("is continued from the former revision when the workstation crashes while Helm upgrades", async () => {
		await kubectl("cordon", worker);
		const killed = await killWhileHelmWaits(() => rehearsal.up(changed), "pending-upgrade", "everything");
		expect(killed.succeeded).toBe(false);
		await rehearsal.cancel();
		await kubectl("uncordon", worker);
		const up = await rehearsal.up(changed);
		expect(complaints(up)).toBe("");
		expect(warnings(up)).toContainEqual(
			expect.stringMatching(/release cert-manager .* revision 2 \(pending-upgrade\) were deleted/),
		);
		expect((await newestRevision())?.status).toBe("deployed");
		expect(changeCount(await rehearsal.preview(changed))).toBe(0);
	});
});

function warnings({ diagnostics }: EngineResult): string[] {
	return diagnostics.filter(({ severity }) => severity === "warning").map(({ message }) => message);
}
