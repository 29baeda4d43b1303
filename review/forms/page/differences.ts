/** The keys of the stack file, the resources, the policies, the privileges and the hosts that change. */

import type { Section } from "../../../src/page/document.ts";
import { type Html, html, prose } from "../../../src/page/html.ts";
import type { Action, Change, ResourceGroup, StackReview } from "../../compare/review.ts";
import { sectionsOf } from "../sections.ts";

export function differenceSections(review: StackReview): Section[] {
	const { settings, resources, charts, notes } = review;
	const further = new Map(sectionsOf(review).map(({ title, lines }) => [title, lines]));
	const texts = (id: string, title: string): Section[] => {
		const lines = further.get(title);
		return lines
			? [{ id, title, body: html`<ul class="lines">\n${lines.map((line) => html`<li>${line}</li>\n`)}</ul>` }]
			: [];
	};
	return [
		...(settings.length > 0
			? [
					{
						id: "settings",
						title: "Keys of the stack file",
						body: html`<ul class="changes">\n${settings.map(changeItem)}</ul>`,
					},
				]
			: []),
		...(resources.length > 0 ? [{ id: "resources", title: "Resources", body: html`${resources.map(groupItem)}` }] : []),
		...charts
			.filter(({ objects }) => objects.length > 0)
			.map(({ release, objects }) => ({
				id: `release-${release}`,
				title: `Objects inside the release ${release}`,
				body: html`${objects.map(groupItem)}`,
			})),
		...texts("policies", "Policies"),
		...texts("privileges", "Privileges of the Proxmox token"),
		...(notes.length > 0
			? [
					{
						id: "not-known",
						title: "Not known here",
						body: html`<ul class="notes">\n${notes.map((note) => html`<li>${prose(note)}</li>\n`)}</ul>`,
					},
				]
			: []),
	];
}

const words: Readonly<Record<Action, string>> = {
	delete: "Deleted",
	replace: "Replaced",
	update: "Changed",
	create: "Created",
};

/** Deletions and replacements are open: a reader must not overlook them. */
function groupItem({ action, kind, names, nodes, changes, because }: ResourceGroup): Html {
	const grave = action === "delete" || action === "replace";
	const title = names.length > 1 ? `${names.length} × ${kind}` : kind;
	return html`<details class="${action}"${grave ? html` open` : undefined}>
<summary><span class="action">${words[action]}</span> <strong>${title}</strong> <span class="quiet">${shortened(nodes.length > 0 ? nodes : names)}</span></summary>
${because.length > 0 ? html`<p>because of ${because.join(", ")}</p>` : undefined}
${names.length > 1 || nodes.length > 0 ? html`<p class="quiet">${names.join(", ")}</p>` : undefined}
${changes.length > 0 ? html`<ul class="changes">\n${changes.map(changeItem)}</ul>` : undefined}
</details>
`;
}

function shortened(names: readonly string[]): string {
	return names.length > 3 ? `${names.slice(0, 2).join(", ")} and ${names.length - 2} more` : names.join(", ");
}

function changeItem({ path, old, new: now, secret }: Change): Html {
	return html`<li><code>${path}</code>${
		secret
			? html`<p>secret; its ciphertext differs, its value may be the same</p>`
			: html`<div class="values">${old === undefined ? undefined : html`<del>${sideOf("before", old)}</del>`}${now === undefined ? undefined : html`<ins>${sideOf("after", now)}</ins>`}</div>`
	}</li>
`;
}

/** The style puts a sign before each, which a screen reader does not say. */
function sideOf(word: string, text: string): Html {
	return html`<span class="hidden">${word}: </span>${text === "" ? "(empty)" : text.replace(/\n$/, "")}`;
}
