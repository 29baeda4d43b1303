/** The text of the page of a review. */
import { beforeAll, describe, expect, test } from "vitest";
import { compare } from "../../../../review/compare/compare.ts";
import { renderPage } from "../../../../review/forms/page/page.ts";
import { html, prose } from "../../../../src/page/html.ts";
import { recordText } from "../lab-review.ts";
import { type ComparedLab, comparedLab } from "./compared-lab.ts";

describe("html", () => {
	test("escapes every value, and joins lists", () => {
		const items = ["<b>", "&"].map((text) => html`<li>${text}</li>`);
		expect(html`<ul title="${`"'`}">${items}${undefined}${3}</ul>`.text).toBe(
			`<ul title="&#34;&#39;"><li>&#60;b&#62;</li><li>&#38;</li>3</ul>`,
		);
	});

	test("writes what stands between backticks as code, and a lone backtick as it is", () => {
		expect(prose("run `up <x>` now").text).toBe("run <code>up &#60;x&#62;</code> now");
		expect(prose("a ` b").text).toBe("a ` b");
	});
});

describe("the page of a review", () => {
	let lab: ComparedLab;
	let page: string;
	beforeAll(async () => {
		lab = await comparedLab();
		page = renderPage(lab.review, lab.sides);
	});

	test("is the same for the same two trees", () => {
		expect(renderPage(lab.review, lab.sides)).toBe(page);
	});

	test("loads nothing and has no script", () => {
		expect(page).toContain("default-src &#39;none&#39;");
		expect(page).not.toMatch(/<(?:script|link|img|iframe)|\b(?:src|style|on\w+)=|url\(|@import/i);
	});

	test("says what happens to each node", () => {
		const text = page
			.replace(/<style>[^<]*/, "")
			.replaceAll(/<[^>]+>/g, " ")
			.replaceAll(/\s+/g, " ");
		for (const sentence of [
			"proj-k8sm01 Control plane 10.25.20.4, VM 104 8 CPUs, 24 GiB, disk 1000 GiB drained twice, VM and then RKE2 restarted, 1 of 8",
			"proj-k8sw03 Worker 10.25.20.9, VM 109 8 CPUs, 32 GiB, disk 150 + 850 GiB removed, with its disks",
			"proj-k8sw05 Worker 10.25.20.11, VM 111 16 CPUs, 64 GiB, disk 150 + 850 GiB GPU NVIDIA GeForce GTX 1660 Ti 6 GB drained and restarted, 7 of 8",
			"proj-k8sw06 Worker 10.25.20.12, VM 112 8 CPUs, 32 GiB, disk 150 GiB new, joins",
			"VLAN 20 on vmbr0",
			"CPUs 24 of 16 , more than the host has",
			"because memoryGiB 32 becomes 24; RKE2 v1.35.7+rke2r1 becomes v1.35.8+rke2r1 proj-k8sm01 drain at most 10 min",
			"together 50 min. The restarts come on top; their time is not known here.",
			"cluster.version before: v1.35.7+rke2r1 after: v1.35.8+rke2r1",
			"closes any other pod in openwebui any other pod in ollama 11434",
			"131 controls of the CIS benchmark",
			"1.1.1 Only the owner reads the API server&#39;s pod specification 1 open",
		]) {
			expect(text).toContain(sentence);
		}
		expect(page).toContain('value="sunday 3, 01:00 to 05:00 America/New_York"');
	});

	test("says nothing of hosts and controls when the stack file has mistakes", async () => {
		const after = { format: 1 as const, stacks: [await recordText("config:\n  rke2-lab:cluster: {}\n")] };
		const broken = renderPage(compare("origin/main", lab.sides.before, after), { before: lab.sides.before, after });
		expect(broken).toContain("Why it is forbidden");
		expect(broken).not.toMatch(/<h2[^>]*>Topology|removed, with its disks|All controls/);
	});

	test("is one sentence when nothing changes", () => {
		const { before } = lab.sides;
		const same = renderPage(compare("origin/main", before, before), { before, after: before });
		expect(same).toContain(
			"<h1>No change</h1>\n<p>This tree wants of every cluster what <code>origin/main</code> wants.</p>",
		);
	});
});
