/** The timeline of each node: what Pulumi did to it, and when. */
import type { Section } from "../../../src/page/document.ts";
import { type Html, html } from "../../../src/page/html.ts";
import type { Account } from "./page.ts";
import { type Span, workOn } from "./witness.ts";

export function nodesSection({ nodes, chapter: { spans } }: Pick<Account, "nodes" | "chapter">): Section[] {
	const rows = nodes.flatMap((name) => {
		const own = spans
			.flatMap((span) => {
				const what = workOn(name, span);
				return what === undefined ? [] : [{ ...span, what }];
			})
			.toSorted((a, b) => a.from - b.from);
		return own.length === 0 ? [] : [{ name, own }];
	});
	if (rows.length === 0) {
		return [];
	}
	const end = Math.max(1, ...rows.flatMap(({ own }) => own.map(({ to }) => to)));
	const items = rows.map(
		({ name, own }) => html`<li><h3>${name}</h3>
<ol>
${own.map(
	(
		span,
	) => html`<li class="step"><span>${span.what}${span.failed ? " (failed)" : ""}</span>${bar(span, end)}<span class="limit">${seconds(span.from)} to ${seconds(span.to)} s</span></li>
`,
)}</ol></li>
`,
	);
	return [
		{
			id: "nodes",
			title: "Timeline of each node",
			body: html`<p>A bar shows when Pulumi worked on the node, within the ${seconds(end)} s until the last of them ended.</p>
<ol class="timeline">
${items}</ol>`,
		},
	];
}

function bar({ from, to }: Span, end: number): Html {
	const percent = (part: number) => Math.round((part / end) * 1000) / 10;
	return html`<svg aria-hidden="true" focusable="false"><rect class="track" width="100%" height="100%"/><rect x="${percent(from)}%" width="${Math.max(0.5, percent(to - from))}%" height="100%"/></svg>`;
}

function seconds(milliseconds: number): string {
	return (milliseconds / 1000).toFixed(1);
}
