/** The order of the nodes as a timeline: each bar is as long as the drain of its node may take. */

import type { Section } from "../../../src/page/document.ts";
import { type Html, html, prose } from "../../../src/page/html.ts";
import type { Step } from "../../compare/review.ts";
import type { Compared } from "./page.ts";

const words: Readonly<Record<Step["does"], string>> = {
	restart: "Drained, RKE2 restarts",
	"restart-vm": "Drained, the VM restarts",
	"restart-vm-and-rke2": "Drained, the VM restarts; drained once more, RKE2 restarts",
	join: "Created, joins the cluster",
	create: "Leaves, VM created anew, joins again",
};

/** Those whose length the review knows the limit of. */
const drains: Readonly<Record<Step["does"], number>> = {
	restart: 1,
	"restart-vm": 1,
	"restart-vm-and-rke2": 2,
	join: 0,
	create: 0,
};

export function rolloutSection({ review: { rollout }, after }: Compared): Section | undefined {
	const { steps, notes } = rollout;
	if (steps.length + notes.length === 0) {
		return undefined;
	}
	const limits = new Map(after.nodes.map(({ name, drainSeconds }) => [name, drainSeconds]));
	const secondsOf = (name: string, does: Step["does"]) => drains[does] * (limits.get(name) ?? 0);
	const total = steps
		.flatMap(({ nodes, does }) => nodes.map((name) => secondsOf(name, does)))
		.reduce((a, b) => a + b, 0);
	let passed = 0;
	const rows = steps.map((step) => {
		const nodes = step.nodes.map((name) => {
			const seconds = secondsOf(name, step.does);
			const row = html`<li class="step"><span>${name}</span>${seconds > 0 ? bar(passed, seconds, total) : undefined}<span class="limit">${
				seconds > 0 ? `drain at most ${duration(seconds)}` : ""
			}</span></li>
`;
			passed += seconds;
			return row;
		});
		return html`<li><h3>${words[step.does]}</h3>
${step.because.length > 0 ? html`<p>because ${step.because.join("; ")}</p>` : undefined}
<ol>
${nodes}</ol></li>
`;
	});
	const order =
		rows.length === 0
			? undefined
			: html`<p>One node after another, from the top down.${
					total > 0
						? ` A bar is as long as the drain of its node may take, together ${duration(total)}. The restarts come on top; their time is not known here.`
						: ""
				}</p>
<ol class="timeline">
${rows}</ol>`;
	const list =
		notes.length === 0
			? undefined
			: html`<ul class="notes">\n${notes.map((note) => html`<li>${prose(note)}</li>\n`)}</ul>`;
	return { id: "rollout", title: "Rollout", body: html`${order}${list}` };
}

function bar(start: number, seconds: number, total: number): Html {
	const percent = (part: number) => Math.round((part / total) * 1000) / 10;
	return html`<svg aria-hidden="true" focusable="false"><rect class="track" width="100%" height="100%"/><rect x="${percent(start)}%" width="${percent(seconds)}%" height="100%"/></svg>`;
}

function duration(seconds: number): string {
	return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
