/** A change of the lab that touches every part of a page, with the recordings of both sides. */
import { compare } from "../../../../review/compare/compare.ts";
import type { Review } from "../../../../review/compare/review.ts";
import type { Recording } from "../../../../review/recording/recording.ts";
import { changed, labText, recordText } from "../lab-review.ts";

export interface ComparedLab {
	review: Review;
	sides: { before: Recording; after: Recording };
}

const change = {
	cluster: {
		version: "v1.35.8+rke2r1",
		maintenanceWindow: { weekday: "sunday", weeks: [3], start: "01:00", end: "05:00", timeZone: "America/New_York" },
	},
	nodes: {
		"proj-k8sw03": null,
		"proj-k8sw06": {
			role: "worker",
			host: "node05",
			vmId: 112,
			address: "10.25.20.12",
			cpus: 8,
			memoryGiB: 32,
			diskGiB: 150,
		},
		"proj-k8sm01": { memoryGiB: 24 },
	},
	platform: { traefik: { version: "41.4.0" }, scrapers: ["10.25.10.14"], namespaces: { ollama: { allowFrom: null } } },
};

export async function comparedLab(): Promise<ComparedLab> {
	const recordingOf = async (text: string): Promise<Recording> => ({ format: 1, stacks: [await recordText(text)] });
	const before = await recordingOf(labText);
	// Not beside the other: a process previews one stack at a time.
	const after = await recordingOf(changed(change));
	return { review: compare("origin/main", before, after), sides: { before, after } };
}
