/** A review for a terminal. */
import type { Review, StackReview } from "../compare/review.ts";
import { sectionsOf } from "./sections.ts";

export function renderText({ verdict, stacks }: Review): string {
	if (verdict === "no change") {
		return "no change\n";
	}
	return `${stacks.map(renderStack).join("\n\n")}\n`;
}

function renderStack(review: StackReview): string {
	const [counts, disruption] = review.headline;
	const sections = sectionsOf(review).map(({ title, lines }) => [title, ...lines.map(indent)].join("\n"));
	return [[`Stack ${review.stack}: ${counts}`, disruption].join("\n"), ...sections].join("\n\n");
}

function indent(line: string): string {
	return line.replace(/^/gm, "  ");
}
