/** The report of a rehearsal as one page: what really happened, in the form of a review's page (ADR 58). */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeDirectory, makeSureIsWritable } from "../../../src/commands/files.ts";
import { article, pageDocument, type Section } from "../../../src/page/document.ts";
import { type Html, html, prose } from "../../../src/page/html.ts";
import type { ClientVerdict } from "../../history/client-history.ts";
import { type Mask, masker } from "./masked.ts";
import { nodesSection } from "./nodes.ts";
import type { Chapter, Line } from "./witness.ts";

/** One rehearsed thing: a scenario, or the whole path. */
export interface Account {
	/** Unique in a report. */
	name: string;
	/** For people. */
	description: string;
	seconds: number;
	/** Sentences; empty when it passed. */
	problems: readonly string[];
	/** Names of the nodes, in the order of the stack file. */
	nodes: readonly string[];
	/** Further results for people, by name. */
	facts: Readonly<Record<string, string>>;
	client?: ClientVerdict;
	chapter: Chapter;
	/** Values of the stack's secrets, which the page does not show. */
	secrets: object;
}

/** Makes sure that the report can be written, before the rehearsal begins. */
export function prepareReport(directory: string): void {
	makeDirectory(directory);
	makeSureIsWritable(join(directory, "index.html"));
}

export async function writeReport(directory: string, accounts: readonly Account[]): Promise<void> {
	await writeFile(join(directory, "index.html"), renderReport(accounts));
}

export function renderReport(accounts: readonly Account[]): string {
	const names = accounts.map(({ name }) => name).join(", ");
	const body = accounts.length > 0 ? accounts.map(part) : [html`<article><h1>Nothing was rehearsed</h1></article>\n`];
	return pageDocument(names === "" ? "Rehearsal" : `Rehearsal of ${names}`, body);
}

function part(account: Account): Html {
	const { name, description, seconds, chapter } = account;
	const mask = masker(account.secrets);
	const problems = account.problems.map(mask);
	const lines = chapter.lines.map((line) => ({ ...line, text: mask(line.text) }));
	const passed = problems.length === 0;
	const header = html`<header class="${passed ? "not-disruptive" : "forbidden"}">
<p class="verdict">${passed ? "Passed" : "Failed"}</p>
<h1>Rehearsal of ${name}</h1>
<p>${prose(description)}</p>
<p class="counts">${seconds.toFixed(0)} s</p>
<p class="quiet">This has really happened, on doubles of Proxmox and of RKE2, with the real Pulumi, API server and etcd.</p>
${passed ? undefined : html`<h2>Problems</h2>\n<ul>${problems.map((text) => html`<li>${text}</li>`)}</ul>`}
</header>`;
	return article(name, header, [
		...factsSection(account.facts, mask),
		...nodesSection(account),
		...eventsSection(lines),
		...clientSection(account.client, mask),
		...logSection(lines),
	]);
}

function factsSection(facts: Account["facts"], mask: Mask): Section[] {
	const shown = Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, mask(value)]));
	return Object.keys(facts).length === 0 ? [] : [{ id: "results", title: "Results", body: factList(shown) }];
}

function factList(facts: Readonly<Record<string, string>>): Html {
	return html`<dl class="facts">\n${Object.entries(facts).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>\n`)}</dl>`;
}

/** What a line tells, by its words; a line that is none of these is in the log only. */
const kinds: readonly [kind: string, words: RegExp][] = [
	["snapshot", /\bsnapshots?\b/],
	["restart", /: restarting RKE2$|shuts down and starts again/],
	["drain", /: draining, for |pods to leave: |takes pods again|has left the cluster|leaves without being drained/],
	["address", /handing the API's address over/],
	["leader", /leads etcd now$/],
];

function kindOf({ kind, text }: Line): string | undefined {
	return kind === "said" ? kinds.find(([, words]) => words.test(text))?.[0] : kind;
}

/** Faults, errors, drains, restarts and snapshots, in their order. */
function eventsSection(lines: readonly Line[]): Section[] {
	const events = lines.flatMap((line) => {
		const kind = kindOf(line);
		return kind === undefined ? [] : [{ ...line, what: kind }];
	});
	const rows = events.map(
		({ at, what, kind, text }) =>
			html`<tr class="${kind === "said" ? "event" : "closes"}"><th scope="row">${what}</th><td class="second" data-name="Second">${secondsOf(at)}</td><td data-name="What">${text}</td></tr>\n`,
	);
	return rows.length === 0
		? []
		: [
				{
					id: "events",
					title: "Faults, drains, restarts and snapshots",
					body: html`<table class="connections">
<caption>In their order, by the seconds since the beginning</caption>
<thead><tr><th scope="col">Kind</th><th scope="col">Second</th><th scope="col">What</th></tr></thead>
<tbody>
${rows}</tbody>
</table>`,
				},
			];
}

function clientSection(client: ClientVerdict | undefined, mask: Mask): Section[] {
	if (!client) {
		return [];
	}
	const facts = {
		Operations: `${client.operations}, ${client.perSecond.toFixed(0)} a second`,
		"Failed once": `${client.failedAttempts}`,
		"Failed at the retry too": `${client.failedOperations}`,
		"Lost writes": `${client.lostWrites}`,
		"Stale reads": `${client.staleReads}`,
		"Longest gap": `${client.longestGap} ms`,
		"Histories that no order explains": `${client.notLinearizable.length}`,
	};
	const failures = client.failures.map((text) => html`<li>${mask(text)}</li>\n`);
	return [
		{
			id: "client",
			title: "What a client saw",
			body: html`<p class="quiet">It wrote and read through the API's address all the time, and its history was checked for an order that explains it.</p>
${factList(facts)}${
	failures.length === 0
		? undefined
		: html`<details><summary>${failures.length} failed attempts</summary><ul class="lines">\n${failures}</ul></details>`
}`,
		},
	];
}

/** A page stays readable with so many lines; the first ones tell how it began, the last ones how it ended. */
const mostLines = 400;

function logSection(lines: readonly Line[]): Section[] {
	const half = mostLines / 2;
	const left = lines.length - mostLines;
	const shown = left > 0 ? [...lines.slice(0, half), undefined, ...lines.slice(-half)] : lines;
	const items = shown.map((line) =>
		line === undefined
			? html`<li>... ${left} lines are left out here</li>\n`
			: html`<li>${secondsOf(line.at)}  ${line.text}</li>\n`,
	);
	return items.length === 0
		? []
		: [
				{
					id: "log",
					title: "Log",
					body: html`<details><summary>${lines.length} lines of Pulumi and the nodes</summary><ul class="lines">\n${items}</ul></details>`,
				},
			];
}

function secondsOf(milliseconds: number): string {
	return (milliseconds / 1000).toFixed(1);
}
