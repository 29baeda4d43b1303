/** The fields that a change board fills in. The page keeps nothing: a person prints it, also to a PDF. */

import type { Section } from "../../../src/page/document.ts";
import { type Html, html } from "../../../src/page/html.ts";
import type { Compared } from "./page.ts";

/** The four kinds of changes that the lab's service document tells apart. */
const types = ["Version upgrade", "Configuration change", "Security patch", "Node scaling"];

const approvers = 3;

export function changeForm({ review: { stack, headline }, after }: Compared): Section {
	const id = (name: string) => `${name}-for-${stack}`;
	const input = (name: string, label: string, value = ""): Html =>
		html`<p><label for="${id(name)}">${label}</label><input id="${id(name)}" value="${value}" autocomplete="off"></p>\n`;
	const area = (name: string, label: string, value = "", hint?: string): Html =>
		html`<p><label for="${id(name)}">${label}</label>${
			hint === undefined ? undefined : html`<small id="${id(name)}-hint">${hint}</small>`
		}<textarea id="${id(name)}" rows="3"${hint === undefined ? undefined : html` aria-describedby="${id(name)}-hint"`}>\n${value}</textarea></p>\n`;
	const choice = (name: string, label: string, values: readonly string[]): Html =>
		html`<p><label for="${id(name)}">${label}</label><select id="${id(name)}"><option value="">not decided</option>${values.map((value) => html`<option>${value}</option>`)}</select></p>\n`;
	const rows = Array.from({ length: approvers }, (_, index) => {
		const cell = (what: string) =>
			html`<td data-name="${what}"><input aria-label="${what} ${index + 1}" autocomplete="off"></td>`;
		return html`<tr>${["Reviewer", "Role", "Date", "Decision"].map(cell)}</tr>\n`;
	});
	const body = html`<p class="quiet">Fill it in, then print the page, or save it as a PDF. The page sends and keeps nothing.</p>
<form>
<div class="pair">
${input("number", "Number of the change")}${choice("type", "Type of the change", types)}</div>
${area("reason", "Reason")}${area("impact", "Impact", headline[1])}<div class="pair">
${choice("risk", "Risk", ["Low", "Medium", "High"])}${input("window", "Window", after.cluster?.maintenanceWindow)}</div>
${area("risks", "What can go wrong, and how it is noticed")}${area(
	"rollback",
	"Rollback",
	"",
	"RKE2 does not go back to an older minor version; docs/operations/rollback.md says what a way back needs.",
)}<table class="approvals">
<caption>Approvals</caption>
<thead><tr><th scope="col">Reviewer</th><th scope="col">Role</th><th scope="col">Date</th><th scope="col">Decision</th></tr></thead>
<tbody>
${rows}</tbody>
</table>
</form>`;
	return { id: "change-board", title: "For the change board", body };
}
