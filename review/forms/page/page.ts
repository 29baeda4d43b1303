/**
 * A review as one HTML page, for a change board.
 */
import { article, pageDocument, type Section } from "../../../src/page/document.ts";
import { type Html, html, prose } from "../../../src/page/html.ts";
import type { Review, StackReview } from "../../compare/review.ts";
import { emptyRecording, type Recording, type StackRecording } from "../../recording/recording.ts";
import { changeForm } from "./change-form.ts";
import { connectionsSection } from "./connections.ts";
import { controlsSection } from "./controls.ts";
import { differenceSections } from "./differences.ts";
import { rolloutSection } from "./rollout.ts";
import { topologySection } from "./topology.ts";

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
	return pageDocument(names === "" ? "Review of a change" : `Review of a change of ${names}`, body);
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
	const header = html`<header class="${verdict.replace(" ", "-")}">
<p class="verdict">${words[verdict]}</p>
<h1>Change of the stack ${stack}</h1>
<p class="counts">${counts}</p>
<p>${prose(disruption)}</p>
<p class="quiet">Compared with <code>${base}</code>. Both sides are wanted states; what runs now is not known here.</p>
${forbidden.length > 0 ? html`<h2>Why it is forbidden</h2>\n<ul>${forbidden.map((text) => html`<li>${prose(text)}</li>`)}</ul>` : undefined}
</header>`;
	return article(stack, header, sectionsOf(compared));
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
