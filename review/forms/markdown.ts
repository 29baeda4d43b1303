/**
 * A review as a comment of a pull request. GitHub refuses a comment of more than 65,536 characters: sections fold, and a section
 * that does not fit is left out as a whole and named.
 */
import type { Review, StackReview, Step } from "../compare/review.ts";
import { commentMarker, fenced, longestComment, notReviewed } from "../posting/marker.ts";
import { type Section, sectionsOf } from "./sections.ts";

/** The posting job adds a line. */
const limit = longestComment - 500;

/** For the last line, which names what is left out. */
const reserve = 2_000;

/** Of the reason for which there is no review. */
const mostLines = 30;

/** Where a picture has more nodes, nobody can read it. */
const mostInPicture = 30;

export function renderMarkdown(review: Review): string {
	if (review.verdict === "no change") {
		return `${commentMarker}\nThis change leaves every cluster as it is: no change.\n`;
	}
	const heads = review.stacks.map((stack) => ({ stack, text: headOf(stack) }));
	const shown = within(heads, limit / 4);
	let left = limit - reserve - length(shown) - commentMarker.length;
	const omitted: string[] = [];
	const parts = shown.map(({ stack, text }) => {
		const sections = [...pictureOf(stack), ...sectionsOf(stack).map(fold)].filter((section) => {
			const fits = section.text.length <= left;
			left -= fits ? section.text.length : 0;
			omitted.push(...(fits ? [] : [`${section.title} of stack ${stack.stack}`]));
			return fits;
		});
		return text + sections.map((section) => section.text).join("");
	});
	const more = heads.length - shown.length;
	return [`${commentMarker}\n`, ...parts, ...closing(omitted, more)].join("");
}

/** Of the reason, whose end may be a stack trace, the first lines. */
export function renderFailure(reason: string): string {
	const lines = reason.split("\n");
	const shown = within(
		lines.slice(0, mostLines).map((text) => ({ text })),
		limit / 2,
	).map(({ text }) => text);
	const left = lines.length - shown.length;
	return notReviewed([...shown, ...(left > 0 ? [`... and ${left} more lines, in the log of the job`] : [])].join("\n"));
}

function closing(omitted: readonly string[], stacks: number): string[] {
	const named = within(
		omitted.map((text) => ({ text })),
		reserve / 2,
	).map(({ text }) => text);
	const others = omitted.length - named.length;
	const all = [
		...named,
		...(others > 0 ? [`${others} further sections`] : []),
		...(stacks > 0 ? [`${stacks} further stacks`] : []),
	];
	return all.length === 0
		? []
		: [`\nToo long for a comment, and in full in the artifact \`review\` of the job: ${all.join("; ")}.\n`];
}

/** As many of the first as have no more characters than `most`. */
function within<T extends { text: string }>(items: readonly T[], most: number): T[] {
	let total = 0;
	return items.filter(({ text }) => {
		total += text.length;
		return total <= most;
	});
}

function length(items: readonly { text: string }[]): number {
	return items.reduce((sum, { text }) => sum + text.length, 0);
}

function headOf({ stack, verdict, headline }: StackReview): string {
	const [counts = "", disruption = ""] = headline;
	const bold = counts.replaceAll(/\d+ (?:deleted|replaced)/g, "**$&**");
	return `\n### Stack ${stack}: ${verdict}\n\n${bold}\\\n${disruption}\n\n`;
}

function fold({ title, lines }: Section): { title: string; text: string } {
	const open = title === "Forbidden" ? " open" : "";
	return {
		title,
		text: `<details${open}><summary>${title} (${lines.length})</summary>\n\n${fenced(lines.join("\n"), "text")}\n</details>\n`,
	};
}

/** The order of the nodes, which GitHub, GitLab and Gitea draw. */
function pictureOf({ rollout }: StackReview): { title: string; text: string }[] {
	const nodes = rollout.steps.flatMap(({ nodes, does }) => nodes.map((name) => ({ name, does })));
	if (nodes.length < 2 || nodes.length > mostInPicture) {
		return [];
	}
	const boxes = nodes.map(({ name, does }, index) => `  n${index}["${name}<br/>${words[does]}"]`);
	const arrows = nodes.slice(1).map((_, index) => `  n${index} --> n${index + 1}`);
	const text = ["```mermaid", "flowchart LR", ...boxes, ...arrows, "```"].join("\n");
	return [{ title: "Picture", text: `<details><summary>Rollout as a picture</summary>\n\n${text}\n\n</details>\n` }];
}

const words: Readonly<Record<Step["does"], string>> = {
	restart: "drained, restarts",
	"restart-vm": "drained, VM restarts",
	"restart-vm-and-rke2": "drained twice, VM and RKE2 restart",
	join: "joins",
	create: "created anew",
};
