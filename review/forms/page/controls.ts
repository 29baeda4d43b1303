/** Every control of the benchmark: a matrix for the eye, and a table with the titles. */

import type { Section } from "../../../src/page/document.ts";
import { type Html, html } from "../../../src/page/html.ts";
import type { Posture } from "../../recording/recording.ts";
import type { Compared } from "./page.ts";

type Control = Posture["controls"][number];

interface Row {
	control: Control;
	/** The result on the base where it is another one. */
	was?: string;
	/** Whether the result stands on other evidence. */
	evidence: boolean;
}

/** In the order of the legend; each with a sign, so that no color alone says it. */
const signs: Readonly<Record<string, string>> = {
	fail: "✕",
	accepted: "!",
	open: "○",
	"not seen": "?",
	pass: "✓",
	"not applicable": "–",
};

export function controlsSection({ review, before, after }: Compared): Section | undefined {
	const { controls } = after.posture;
	if (controls.length === 0) {
		return undefined;
	}
	const old = new Map(before.posture.controls.map(({ id, result }) => [id, result]));
	const touched = new Set(review.policies.controls.map(({ id }) => id));
	const rows = controls.map((control): Row => {
		const was = old.get(control.id);
		return {
			control,
			evidence: touched.has(control.id),
			...(was === undefined || was === control.result ? {} : { was }),
		};
	});
	const count = (result: string) => controls.filter((control) => control.result === result).length;
	const legend = Object.entries(signs)
		.filter(([result]) => count(result) > 0)
		.map(
			([result, sign]) =>
				html`<li><i class="${classOf(result)}" aria-hidden="true">${sign}</i> ${count(result)} ${result}</li>\n`,
		);
	const chapters = Map.groupBy(rows, ({ control }) => control.id.split(".").slice(0, 2).join("."));
	const changed = rows.filter(({ was, evidence }) => was !== undefined || evidence);
	const body = html`<p>${controls.length} controls of the CIS benchmark${
		changed.length === 0
			? "; none of them changes."
			: `; ${changed.length} of them change, each with a frame in the matrix.`
	}</p>
<ul class="legend">
${legend}</ul>
<div class="matrix" aria-hidden="true">
${[...chapters].map(([chapter, own]) => html`<div><span class="chapter">${chapter}</span><span>${own.map(cell)}</span></div>\n`)}</div>
${changed.length > 0 ? table("Controls that change", changed) : undefined}
<details><summary>All ${controls.length} controls</summary>
${table("All controls", rows)}
</details>`;
	return { id: "controls", title: "Controls", body };
}

function cell({ control: { id, result }, was, evidence }: Row): Html {
	const changes = was !== undefined || evidence ? " changes" : "";
	return html`<i class="${classOf(result)}${changes}" title="${id}: ${result}">${signs[result] ?? result}</i>`;
}

function table(caption: string, rows: readonly Row[]): Html {
	return html`<table class="controls">
<caption>${caption}</caption>
<thead><tr><th scope="col">Control</th><th scope="col">Asks that</th><th scope="col">Level</th><th scope="col">Result</th></tr></thead>
<tbody>
${rows.map(
	({
		control: { id, title, level, result },
		was,
		evidence,
	}) => html`<tr><th scope="row">${id}</th><td>${title}</td><td>${level}</td><td>${
		was === undefined ? undefined : html`${was} → `
	}<span class="result ${classOf(result)}">${result}</span>${was === undefined && evidence ? html`, other evidence` : undefined}</td></tr>
`,
)}</tbody>
</table>`;
}

function classOf(result: string): string {
	return result.replaceAll(" ", "-");
}
