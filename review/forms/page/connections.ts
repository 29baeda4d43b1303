/** The pairs that the network policies let talk to each other, and no longer do. */

import type { Section } from "../../../src/page/document.ts";
import { type Html, html } from "../../../src/page/html.ts";
import type { Connection, StackReview } from "../../compare/review.ts";

export function connectionsSection({ network: { opened, closed } }: StackReview): Section | undefined {
	if (opened.length + closed.length === 0) {
		return undefined;
	}
	const rows = (word: string, list: readonly Connection[]): Html[] =>
		list.map(
			({
				from,
				to,
				ports,
			}) => html`<tr class="${word}"><th scope="row">${word}</th><td data-name="From">${from.map((name) => html`<div>${name}</div>`)}</td><td data-name="To">${to}</td><td data-name="Ports">${ports.join(", ")}</td></tr>
`,
		);
	const body = html`<table class="connections">
<caption>Pairs whose connections the network policies open or close. Everything else stays as it is.</caption>
<thead><tr><th scope="col">Change</th><th scope="col">From</th><th scope="col">To</th><th scope="col">Ports</th></tr></thead>
<tbody>
${rows("opens", opened)}${rows("closes", closed)}</tbody>
</table>`;
	return { id: "connections", title: "Connections", body };
}
