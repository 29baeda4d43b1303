/** The report of a rehearsal: what the witness writes down, and what a person reads of it in a browser. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EngineStep } from "../../../../rehearsal/engine/engine.ts";
import type { ClientVerdict } from "../../../../rehearsal/history/client-history.ts";
import { type Account, renderReport } from "../../../../rehearsal/report/page/page.ts";
import { Witness } from "../../../../rehearsal/report/page/witness.ts";
import { faultsIn, launchBrowser, views } from "../../review/forms/browser.ts";

const secrets = {
	clusterToken: "token-of-this-run",
	proxmoxApiToken: "pulumi@pve!lab=0123-4567",
	registryCredentials: JSON.stringify({ "docker.io": { username: "robot", password: "robots-word" } }),
};

let clock = 0;

const step = (
	phase: EngineStep["phase"],
	type: string,
	name: string,
	operation: EngineStep["operation"] = "update",
) => ({
	phase,
	type,
	operation,
	urn: `urn:pulumi:lab::rke2-lab::${type}::${name}`,
	at: 0,
});
const command = "command:remote:Command";

/** One node is drained and restarts, a member of etcd stops meanwhile, and the next node fails. */
function witnessed(): Witness {
	const witness = new Witness(() => clock);
	const at = (seconds: number) => {
		clock = 100_000 + seconds * 1000;
		return witness;
	};
	at(-50).onFault("Before the chapter.");
	at(0).begin();
	at(1).onStep(step("started", command, "node-1-converge"));
	at(1).onStep(step("started", command, "node-1-toolkit", "same"));
	at(1).onStep(step("succeeded", command, "node-1-toolkit", "same"));
	at(2).onDiagnostic({
		severity: "info",
		message: "node-1: converge: draining, for 300 s at most\nnode-1: converge: a line with token-of-this-run\n",
	});
	at(3).onFault("etcd on node-2 gets SIGSTOP.");
	at(4).onDiagnostic({ severity: "info", message: "node-1: converge: the state before is the snapshot before-1" });
	at(5).onDiagnostic({ severity: "info", message: "node-1: converge: restarting RKE2" });
	at(11).onStep(step("succeeded", command, "node-1-converge"));
	at(12).onStep(step("started", "proxmoxve:index/vmLegacy:VmLegacy", "node-2"));
	at(15).onStep(step("started", command, "node-1-converge", "delete"));
	at(16).onStep(step("succeeded", command, "node-1-converge", "delete"));
	at(20).onStep(step("failed", "proxmoxve:index/vmLegacy:VmLegacy", "node-2"));
	at(20).onDiagnostic({ severity: "error", message: "refused: <script>alert(1)</script> 0123-4567 robots-word" });
	return witness;
}

const client: ClientVerdict = {
	seconds: 20,
	operations: 900,
	perSecond: 45,
	failedAttempts: 1,
	failedOperations: 0,
	unknown: 0,
	lostWrites: 0,
	staleReads: 0,
	notLinearizable: [],
	undecided: [],
	longestGap: 1200,
	registration: { operations: 20, failedAttempts: 0, failedOperations: 0 },
	failures: ["12.3 s: connection refused"],
};

const account = (more: Partial<Account> = {}): Account => ({
	name: "a-scenario",
	description: "A setting changes, and `etcd` fails.",
	seconds: 20,
	problems: [],
	nodes: ["node-1", "node-2", "node-3"],
	facts: { "Outage of the API": "none" },
	client,
	chapter: witnessed().chapter,
	secrets,
	...more,
});

test("the witness writes down when each resource was worked on, and each line with its time", () => {
	const { spans, lines } = witnessed().chapter;
	expect(spans.map(({ resource, from, to, failed }) => [resource, from, to, failed])).toEqual([
		["node-1-converge", 1000, 11_000, false],
		["node-1-converge", 15_000, 16_000, false],
		["node-2", 12_000, 20_000, true],
	]);
	expect(lines.map(({ at, kind }) => `${at} ${kind}`)).toEqual([
		"2000 said",
		"2000 said",
		"3000 fault",
		"4000 said",
		"5000 said",
		"20000 error",
	]);
});

describe("the page", () => {
	let browser: Browser;
	beforeAll(async () => {
		browser = await launchBrowser();
	});
	afterAll(() => browser?.close());

	const markup = renderReport([
		account(),
		account({ name: "another", problems: ["a problem with token-of-this-run"] }),
	]);

	async function open(options = {}) {
		const page = await browser.newPage({ bypassCSP: true, ...options });
		await page.setContent(markup);
		return page;
	}

	test("shows no secret, and no markup of a line", () => {
		expect(markup).not.toMatch(/token-of-this-run|0123-4567|robots-word|<script>/);
		expect(markup).toContain("a line with (secret)");
		expect(markup).toContain("a problem with (secret)");
	});

	test("has the timeline of each node that something was done to, the events in their order, and what the client saw", async () => {
		const page = await open();
		const texts = (selector: string) =>
			page.evaluate<string[]>(
				`[...document.querySelectorAll("article:first-child ${selector}")].map((one) => one.textContent.replace(/\\s+/g, " ").trim())`,
			);
		expect(await texts("header .verdict")).toEqual(["Passed"]);
		expect(await texts(".timeline h3")).toEqual(["node-1", "node-2"]);
		expect(await texts(".timeline .step")).toEqual([
			"converge1.0 to 11.0 s",
			"converge, deleted15.0 to 16.0 s",
			"VM (failed)12.0 to 20.0 s",
		]);
		expect(await texts("tbody th")).toEqual(["drain", "fault", "snapshot", "restart", "error"]);
		expect(await texts("tbody tr:nth-child(2) td")).toEqual(["3.0", "etcd on node-2 gets SIGSTOP."]);
		expect((await texts(".facts div")).join("; ")).toContain("Longest gap1200 ms");
		expect(await page.evaluate("document.querySelector('article:last-child .verdict').textContent")).toBe("Failed");
		await page.close();
	});

	test.each(views)("has nothing that axe finds, and does not scroll sideways: %s, %o, %s", async (...view) => {
		const [colorScheme, viewport, parts] = view;
		const page = await open({ colorScheme, viewport });
		const { found, passed } = await faultsIn(page, parts);
		expect(found).toEqual([]);
		expect(passed).toContain("color-contrast");
		expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(viewport.width);
		if (process.env.SCREENSHOTS) {
			await page.screenshot({ path: `${process.env.SCREENSHOTS}/${colorScheme}-${parts}.png`, fullPage: true });
		}
		await page.close();
	});
});

test("a log of many lines keeps its beginning and its end, and says how many are left out", () => {
	const lines = Array.from({ length: 1000 }, (_, index) => ({
		at: index,
		text: `line ${index}.`,
		kind: "said" as const,
	}));
	const markup = renderReport([account({ chapter: { spans: [], lines } })]);
	expect(markup).toContain("1000 lines of Pulumi and the nodes");
	expect(markup).toContain("... 600 lines are left out here");
	expect([199, 200, 799, 800].map((index) => markup.includes(`line ${index}.`))).toEqual([true, false, false, true]);
});
