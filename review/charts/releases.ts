/** Renders the charts of the releases that differ between two trees, each side with its own version and values. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type Helm, helmIn } from "../../compliance/charts/helm.ts";
import { downloadChart, localChart, MissingPackageError, type PinnedChart } from "../../compliance/charts/packages.ts";
import { renderChart } from "../../compliance/charts/render.ts";
import { helmRelease } from "../../policies/lib/helm/releases.ts";
import { addOnEntries } from "../../src/facts/add-ons.ts";
import type { ChartReview } from "../compare/review.ts";
import { maskSecrets } from "../compare/values.ts";
import type { Json, RecordedResource, Recording, StackRecording } from "../recording/recording.ts";
import { compareObjects, type Objects, readObjects } from "./objects.ts";

export interface ChartSource {
	/** Directory with packages, under the names that `helm pull` gives them. */
	packages: string;
	/** Whether to download the packages that the directory lacks. */
	download: boolean;
	/** The binary, by path or by name. */
	helm: string;
}

/** By the name of the stack. */
export type ChartReviews = ReadonlyMap<string, readonly ChartReview[]>;

const noObjects: Objects = new Map();

/** Needs no cluster. A release whose chart is not at hand has the reason instead of objects. */
export async function reviewCharts(before: Recording, after: Recording, source: ChartSource): Promise<ChartReviews> {
	const home = mkdtempSync(join(tmpdir(), "review-charts-"));
	try {
		if (source.download) {
			mkdirSync(source.packages, { recursive: true });
		}
		const helm = helmIn(home, source.helm);
		const reviews = new Map<string, ChartReview[]>();
		for (const now of after.stacks) {
			const old = before.stacks.find(({ name }) => name === now.name);
			reviews.set(now.name, old === undefined ? [] : await reviewStack(old, now, { ...source, helm }));
		}
		return reviews;
	} finally {
		rmSync(home, { recursive: true });
	}
}

type Source = Omit<ChartSource, "helm"> & { helm: Helm };

async function reviewStack(old: StackRecording, now: StackRecording, source: Source): Promise<ChartReview[]> {
	const reviews: ChartReview[] = [];
	for (const name of new Set([...releasesOf(old), ...releasesOf(now)].map((release) => release.name))) {
		const [before, after] = [old, now].map((side) => releasesOf(side).find((release) => release.name === name));
		if (isDeepStrictEqual(before?.inputs, after?.inputs)) {
			continue;
		}
		try {
			const render = (side: StackRecording, release: RecordedResource | undefined) =>
				release === undefined ? noObjects : renderRelease(side, release, source);
			const [oldObjects, newObjects] = [await render(old, before), await render(now, after)];
			reviews.push({ release: name, objects: compareObjects(oldObjects, newObjects, await render(now, after)) });
		} catch (error) {
			reviews.push({ release: name, objects: [], unknown: (error as Error).message });
		}
	}
	return reviews;
}

function releasesOf({ resources }: StackRecording): RecordedResource[] {
	return resources.filter(({ type }) => type === helmRelease);
}

async function renderRelease(stack: StackRecording, { inputs }: RecordedResource, source: Source): Promise<Objects> {
	const { chart, version, namespace, values, repositoryOpts } = inputs as {
		[key: string]: Json;
		repositoryOpts: { [key: string]: Json };
	};
	const addOn = addOnEntries.find(([, entry]) => entry.chart === chart)?.[0];
	const digestKey = `platform.${addOn}.sha256`;
	const sha256 = stack.values[digestKey];
	const pin: PinnedChart = {
		chart: String(chart),
		version: String(version),
		repository: String(repositoryOpts.repo),
		sha256: typeof sha256 === "string" ? sha256 : undefined,
		digestKey,
	};
	const { helm, packages } = source;
	const { file } = await localChart(pin, packages).catch((error: Error) => {
		if (source.download && error instanceof MissingPackageError) {
			return downloadChart(helm, pin, packages);
		}
		throw error;
	});
	const manifest = await renderChart(helm, {
		source: file,
		name: pin.chart,
		namespace: String(namespace),
		// A recording has only the digest of a secret value.
		values: maskSecrets(values ?? {}) as Record<string, unknown>,
		kubernetes: String(stack.values["cluster.version"]),
	});
	return readObjects(manifest, pin.chart);
}
