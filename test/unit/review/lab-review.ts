/** Reviews of changed stack files of the lab. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apply as mergePatch } from "tiny-merge-patch";
import { parse, stringify } from "yaml";
import { compare } from "../../../review/compare/compare.ts";
import type { Review } from "../../../review/compare/review.ts";
import { renderText } from "../../../review/forms/text.ts";
import { recordStack } from "../../../review/recording/record-stack.ts";
import type { StackRecording } from "../../../review/recording/recording.ts";

/** A day on which no exception of the profile has expired. */
export const day = "2026-12-01";

const recorded = new Map<string, Promise<StackRecording>>();

/**
 * @param text of a stack file
 * @returns the recording of the stack `lab`; the same text is recorded once
 */
export function recordText(text: string): Promise<StackRecording> {
	const known = recorded.get(text);
	if (known) {
		return known;
	}
	const recording = recordOnce(text);
	recorded.set(text, recording);
	return recording;
}

async function recordOnce(text: string): Promise<StackRecording> {
	const directory = mkdtempSync(join(tmpdir(), "review-"));
	try {
		const path = join(directory, "Pulumi.lab.yaml");
		writeFileSync(path, text);
		return await recordStack("lab", path, day);
	} finally {
		rmSync(directory, { recursive: true });
	}
}

/** The lab's stack file. */
export const labText = readFileSync(new URL("../../../Pulumi.lab.yaml", import.meta.url), "utf8");

/** @param change merge patch (RFC 7396) over the values of the lab, without the project's name */
export function changed(change: Record<string, unknown>, text = labText): string {
	const { config, ...rest } = parse(text) as { config: Record<string, unknown> };
	const prefixed = Object.fromEntries(Object.entries(change).map(([key, value]) => [`rke2-lab:${key}`, value]));
	return stringify({ ...rest, config: mergePatch(config, prefixed) });
}

export async function reviewTexts(before: string, after: string): Promise<Review> {
	const [old, now] = [await recordText(before), await recordText(after)];
	return compare("base", { format: 1, stacks: [old] }, { format: 1, stacks: [now] });
}

/** @returns the verdict, and the text of the review of a change of the lab */
export async function reviewLab(change: Record<string, unknown>, before = labText): Promise<[string, string]> {
	const review = await reviewTexts(before, changed(change, before));
	return [review.verdict, renderText(review)];
}
