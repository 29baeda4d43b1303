/**
 * Runs that end in the middle, on a stack of two machines: by Ctrl+C, and by a crash of the workstation. The next `up` goes
 * on from there, and at last nothing is left to do.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EngineResult, EngineStep } from "../../rehearsal/engine/engine.ts";
import { Rehearsal } from "../../rehearsal/rehearsal.ts";
import { changeCount } from "../../rehearsal/report/result.ts";
import { complaints, eventually, only } from "./support.ts";

const server = "proj-k8sm01";
const worker = "proj-k8sw01";
/** Changes the release of Traefik, whose pods then have to be replaced. */
const otherTraefik = { platform: { traefik: { exposure: "nodePort" } } };

describe("a run that ends in the middle", () => {
	let rehearsal: Rehearsal;
	/** Called for each step of the run. */
	let onStep: (step: EngineStep) => void = () => undefined;

	beforeAll(async () => {
		rehearsal = await Rehearsal.open({
			name: "test-interruptions",
			stack: "lab",
			change: { nodes: only(server, worker) },
			say: () => undefined,
			onStep: (step) => onStep(step),
		});
	});

	afterAll(async () => {
		await rehearsal.close();
	});

	/** Resolves when the step of that resource gets to the phase. */
	function step(name: string, phase: EngineStep["phase"]): Promise<void> {
		return new Promise((resolve) => {
			onStep = ({ urn, phase: reached }) => {
				if (urn.endsWith(`::${name}`) && reached === phase) {
					resolve();
				}
			};
		});
	}

	/** On the server: the stack has no kubeconfig to give before its first run has ended. */
	function kubectl(...words: string[]): Promise<string> {
		return rehearsal.onNode(
			server,
			`/var/lib/rancher/rke2/bin/kubectl --kubeconfig /etc/rancher/rke2/rke2.yaml ${words.join(" ")}`,
		);
	}

	/** The state in which Helm has the newest revision of Traefik. */
	async function statusOfTraefik(): Promise<string | undefined> {
		const revisions = [
			"get",
			"secrets",
			"-n",
			"traefik",
			"-l",
			"owner=helm",
			"--sort-by",
			".metadata.creationTimestamp",
		];
		return (await kubectl(...revisions, "-o", "custom-columns=:.metadata.labels.status")).trim().split("\n").at(-1);
	}

	/** Kills the run once Helm waits for pods that find no node. */
	async function killWhileHelmWaits(
		run: Promise<EngineResult>,
		status: string,
		what: "cli" | "everything",
	): Promise<EngineResult> {
		await eventually(async () => expect(await statusOfTraefik()).toBe(status), 120);
		await rehearsal.kill(what);
		return run;
	}

	test("by Ctrl+C: the run ends and says so", async () => {
		const joining = step(`${worker}-join`, "started");
		const run = rehearsal.up();
		await joining;
		await rehearsal.interrupt();
		const interrupted = await run;
		expect(interrupted.succeeded).toBe(false);
		expect(complaints(interrupted)).toMatch(/cancel/);
	});

	test("by a crash of the workstation while Helm installs: the lock refuses the next run until it is given up", async () => {
		const converged = step(`${worker}-converge`, "succeeded");
		const run = rehearsal.up();
		await converged;
		await kubectl("cordon", worker);
		expect((await killWhileHelmWaits(run, "pending-install", "everything")).succeeded).toBe(false);

		const refused = await rehearsal.up();
		expect(refused.succeeded).toBe(false);
		expect(complaints(refused)).toMatch(/the stack is currently locked by/);
		await rehearsal.cancel();
	});

	test("by the end of the CLI alone while Helm installs again: its plugin finishes the installation", async () => {
		expect((await killWhileHelmWaits(rehearsal.up(), "pending-install", "cli")).succeeded).toBe(false);
		await rehearsal.cancel();
		await kubectl("uncordon", worker);
		await eventually(async () => expect(await statusOfTraefik()).toBe("deployed"), 120);
	});

	test("after that the next run goes on, names the release, and leaves nothing to do", async () => {
		const up = await rehearsal.up();
		expect(complaints(up)).toBe("");
		expect(warnings(up)).toContainEqual(
			"An earlier run was ended while Helm was at work on the release traefik in the namespace traefik. What Helm noted of its revision 1 (deployed) was removed, and Helm starts again.",
		);
		expect(await statusOfTraefik()).toBe("deployed");
		expect(changeCount(await rehearsal.preview())).toBe(0);
		expect((await rehearsal.verify()).problems).toEqual([]);
	});

	test("by a crash while Helm upgrades: the next run upgrades from the revision before", async () => {
		await kubectl("cordon", worker);
		const killed = await killWhileHelmWaits(rehearsal.up(otherTraefik), "pending-upgrade", "everything");
		expect(killed.succeeded).toBe(false);
		await rehearsal.cancel();
		await kubectl("uncordon", worker);
		const up = await rehearsal.up(otherTraefik);
		expect(complaints(up)).toBe("");
		expect(warnings(up)).toContainEqual(
			expect.stringMatching(/release traefik .* revision 2 \(pending-upgrade\) was removed/),
		);
		expect(await statusOfTraefik()).toBe("deployed");
		expect(changeCount(await rehearsal.preview(otherTraefik))).toBe(0);
	});
});

function warnings({ diagnostics }: EngineResult): string[] {
	return diagnostics.filter(({ severity }) => severity === "warning").map(({ message }) => message);
}
