/**
 * A review as one HTML page, for a change board: it loads nothing, runs no script, and can be printed. The values of both trees
 * come from people, so that a policy of the page itself forbids everything but its own style.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Review, StackReview } from "../../compare/review.ts";
import { emptyRecording, type Recording, type StackRecording } from "../../recording/recording.ts";
import { changeForm } from "./change-form.ts";
import { connectionsSection } from "./connections.ts";
import { controlsSection } from "./controls.ts";
import { differenceSections } from "./differences.ts";
import { Html, html, prose } from "./html.ts";
import { rolloutSection } from "./rollout.ts";
import { topologySection } from "./topology.ts";

/** In this order: the later ones win. */
const style = ["base", "parts", "tables-and-forms", "media"]
	.map((name) => readFileSync(new URL(`style/${name}.css`, import.meta.url), "utf8"))
	.join("");

/** https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Content-Security-Policy */
const policy = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'; base-uri 'none'; form-action 'none'`;

/** A part of the page about one stack. */
export interface Section {
	/** Unique in a stack; a part of the address of the section. */
	id: string;
	title: string;
	body: Html;
}

/** Both sides of the comparison of one stack, with what its review says. */
export interface Compared {
	review: StackReview;
	before: StackRecording;
	after: StackRecording;
}

/** @param sides the recordings that the review compares: the base, and this tree */
export function renderPage(review: Review, sides: { before: Recording; after: Recording }): string {
	const find = ({ stacks }: Recording, name: string) =>
		stacks.find((stack) => stack.name === name) ?? emptyRecording(name);
	const stacks = review.stacks.map((stack) =>
		stackPart(
			{ review: stack, before: find(sides.before, stack.stack), after: find(sides.after, stack.stack) },
			review.base,
		),
	);
	const body = stacks.length === 0 ? [noChange(review.base)] : stacks;
	const names = review.stacks.map(({ stack }) => stack).join(", ");
	return `<!doctype html>\n${
		html`<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${names === "" ? "Review of a change" : `Review of a change of ${names}`}</title>
<style>${new Html(style)}</style>
</head>
<body>
<main>
${body}</main>
</body>
</html>
`.text
	}`;
}

function noChange(base: string): Html {
	return html`<article><h1>No change</h1>
<p>This tree wants of every cluster what <code>${base}</code> wants.</p></article>
`;
}

const words: Readonly<Record<StackReview["verdict"], string>> = {
	"no change": "No change",
	"not disruptive": "Not disruptive",
	disruptive: "Disruptive",
	forbidden: "Forbidden",
};

function stackPart(compared: Compared, base: string): Html {
	const { stack, verdict, headline, forbidden } = compared.review;
	const [counts = "", disruption = ""] = headline;
	const sections = sectionsOf(compared);
	const address = (id: string) => `${id}-of-${stack}`;
	const links = sections.map(({ id, title }) => html`<li><a href="#${address(id)}">${title}</a></li>\n`);
	return html`<article>
<header class="${verdict.replace(" ", "-")}">
<p class="verdict">${words[verdict]}</p>
<h1>Change of the stack ${stack}</h1>
<p class="counts">${counts}</p>
<p>${prose(disruption)}</p>
<p class="quiet">Compared with <code>${base}</code>. Both sides are wanted states; what runs now is not known here.</p>
${forbidden.length > 0 ? html`<h2>Why it is forbidden</h2>\n<ul>${forbidden.map((text) => html`<li>${prose(text)}</li>`)}</ul>` : undefined}
</header>
<nav aria-label="Sections of ${stack}"><ul>
${links}</ul></nav>
${sections.map(
	({ id, title, body }) => html`<section id="${address(id)}" aria-labelledby="${address(id)}-title">
<h2 id="${address(id)}-title">${title}</h2>
${body}
</section>
`,
)}</article>
`;
}

function sectionsOf(compared: Compared): Section[] {
	return [
		topologySection(compared),
		rolloutSection(compared),
		...differenceSections(compared.review),
		connectionsSection(compared.review),
		controlsSection(compared),
		changeForm(compared),
	].filter((section) => section !== undefined);
}
