/**
 * A page that loads nothing, runs no script, and can be printed. Values in it come from people, so that a policy of the page itself
 * forbids everything but its own style (ADR 53).
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Html, html } from "./html.ts";

/** In this order: the later ones win. */
const style = ["base", "parts", "tables-and-forms", "media"]
	.map((name) => readFileSync(new URL(`style/${name}.css`, import.meta.url), "utf8"))
	.join("");

/** https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Content-Security-Policy */
const policy = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'; base-uri 'none'; form-action 'none'`;

/** A part of an article with a heading of its own. */
export interface Section {
	/** Unique in an article; a part of the address of the section. */
	id: string;
	title: string;
	body: Html;
}

/** @param articles at least one */
export function pageDocument(title: string, articles: readonly Html[]): string {
	return `<!doctype html>\n${
		html`<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${new Html(style)}</style>
</head>
<body>
<main>
${articles}</main>
</body>
</html>
`.text
	}`;
}

/**
 * An article: its header, links to its sections, and the sections.
 *
 * @param name of its subject; unique on the page
 */
export function article(name: string, header: Html, sections: readonly Section[]): Html {
	const address = (id: string) => `${id}-of-${name}`;
	const links = sections.map(({ id, title }) => html`<li><a href="#${address(id)}">${title}</a></li>\n`);
	return html`<article>
${header}
<nav aria-label="Sections of ${name}"><ul>
${links}</ul></nav>
${sections.map(
	({ id, title, body }) => html`<section id="${address(id)}" aria-label="${title} of ${name}">
<h2>${title}</h2>
${body}
</section>
`,
)}</article>
`;
}
