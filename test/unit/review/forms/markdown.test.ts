import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Review, reviewJsonSchema, reviewSchema, type StackReview } from "../../../../review/compare/review.ts";
import { renderMarkdown } from "../../../../review/forms/markdown.ts";
import { commentMarker } from "../../../../review/posting/marker.ts";

const none = { gained: [], lost: [] };

function stack(change: Partial<StackReview> = {}): StackReview {
	return {
		stack: "lab",
		verdict: "disruptive",
		headline: ["Resources: 2 deleted, 1 replaced, 3 changed.", "Disruption: a drained. The API is not interrupted."],
		forbidden: [],
		counts: { delete: 2, replace: 1, update: 3, create: 0 },
		settings: [{ path: "a.b", old: "1", new: "2" }],
		rollout: {
			steps: [{ nodes: ["one", "two"], does: "restart", because: ["x changes"] }],
			removed: [],
			powerCycled: [],
			interrupted: [],
			rewired: [],
			notes: [],
		},
		resources: [],
		charts: [],
		policies: { violations: none, exceptions: none, warnings: none, controls: [] },
		network: { opened: [], closed: [] },
		privileges: none,
		hosts: [],
		notes: [],
		...change,
	};
}

const review = (...stacks: StackReview[]): Review => ({ format: 4, base: "main", verdict: "disruptive", stacks });

describe("renderMarkdown", () => {
	test("begins with the marker, has deletions and replacements in bold, and folds sections", () => {
		expect(renderMarkdown(review(stack()))).toBe(`${commentMarker}

### Stack lab: disruptive

Resources: **2 deleted**, **1 replaced**, 3 changed.\\
Disruption: a drained. The API is not interrupted.

<details><summary>Rollout as a picture</summary>

\`\`\`mermaid
flowchart LR
  n0["one<br/>drained, restarts"]
  n1["two<br/>drained, restarts"]
  n0 --> n1
\`\`\`

</details>
<details><summary>Keys of the stack file (1)</summary>

\`\`\`text
a.b: 1 -> 2
\`\`\`

</details>
<details><summary>Rollout, in this order (1)</summary>

\`\`\`text
one, then two: drained, RKE2 restarts, because x changes.
\`\`\`

</details>
`);
	});

	test("is one sentence when nothing changes", () => {
		expect(renderMarkdown({ format: 4, base: "main", verdict: "no change", stacks: [] })).toBe(
			`${commentMarker}\nThis change leaves every cluster as it is: no change.\n`,
		);
	});

	test("leaves whole sections out, names them, and stays below the limit", () => {
		const long = stack({ notes: ["n".repeat(70_000)], forbidden: ["f".repeat(30_000)], hosts: [] });
		const text = renderMarkdown(review(long, { ...long, stack: "other" }));
		expect(text.length).toBeLessThan(65_536);
		expect(text).toContain("f".repeat(30_000));
		expect(text).not.toContain("nnnn");
		expect(text).toMatch(
			/\nToo long for a comment, and in full in the artifact `review` of the job: Not known here of stack lab; Not known here of stack other\.\n$/,
		);
		expect(text.match(/<details/g)?.length).toBe(text.match(/<\/details>/g)?.length);
	});

	test("stays below the limit with more stacks than fit", () => {
		const many = Array.from({ length: 900 }, (_, index) =>
			stack({ stack: `stack-${index}`, notes: ["n".repeat(900)] }),
		);
		const text = renderMarkdown(review(...many));
		expect(text.length).toBeLessThan(65_536);
		expect(text).toMatch(/\d+ further sections; \d+ further stacks\.\n$/);
	});

	test("cannot be left by a value with a fence of its own", () => {
		const text = renderMarkdown(review(stack({ settings: [{ path: "a", new: "x\n```\n# not a heading" }] })));
		expect(text).toContain("````text\na:\n  + x\n  + ```\n  + # not a heading\n````");
	});
});

test("the schema accepts a review, and refuses an unknown member", () => {
	expect(reviewSchema.safeParse(review(stack())).success).toBe(true);
	expect(reviewSchema.safeParse({ ...review(stack()), more: 1 }).success).toBe(false);
});

test("docs/review.schema.json is up to date", () => {
	const written = JSON.parse(readFileSync(new URL("../../../../docs/review.schema.json", import.meta.url), "utf8"));
	expect(written).toEqual(reviewJsonSchema());
});
