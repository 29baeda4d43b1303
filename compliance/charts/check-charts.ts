/** Checks the published charts against the program's values and network policies, with Helm itself. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PlatformChart, platformCharts } from "../../components/platform/add-ons.ts";
import type { StackConfig } from "../../src/config/schema/stack.ts";
import { type ChartName, chartRepositories } from "../../src/facts/add-ons.ts";
import { helmIn } from "./helm.ts";
import { misfits } from "./network-coverage.ts";
import { digestNote, downloadChart, UnreachableError } from "./packages.ts";
import { renderChart } from "./render.ts";
import { unknownValues } from "./unknown-values.ts";

export interface ChartCheck {
	chart: string;
	version: string;
	/** Repository of the chart. */
	repository: string;
	outcome: "accepted" | "refused" | "not reached";
	/** The reason, in sentences; for an accepted chart, the digest of its package. */
	reason: string;
	/** Digest of an accepted chart that the stack file does not have, by its key, e.g. `platform.traefik.sha256`. */
	unpinned?: [key: string, sha256: string];
}

interface CheckOptions {
	helm: string;
	stack: StackConfig;
}

/**
 * Downloads each pinned chart, compares its digest with the stack file's, and renders it with our values, which Helm checks
 * against the chart's schema first. Where the schema accepts any key, each of our keys must be one of the chart's own.
 * The network policies of its namespace must select its pods and let the API server call its webhooks.
 */
export async function checkCharts({ helm, stack }: CheckOptions): Promise<ChartCheck[]> {
	const directory = await mkdtemp(join(tmpdir(), "charts-check-"));

	const check = async (
		chart: ChartName,
		{ namespace, values, policies, ...pin }: PlatformChart,
	): Promise<ChartCheck> => {
		const repository = stack.platform.chartMirror ?? chartRepositories[chart];
		const result = { chart, version: pin.version, repository };
		const run = helmIn(join(directory, chart), helm);
		try {
			const found = await downloadChart(run, { ...result, ...pin }, directory);
			const kubernetes = stack.cluster.version;
			const manifest = await renderChart(run, { source: found.file, name: chart, namespace, values, kubernetes });
			const problems = [
				...(await unknownValues(values, found.file)).map((path) => `The chart ignores ${path}.`),
				...misfits(policies, manifest),
			];
			return problems.length > 0
				? { ...result, outcome: "refused", reason: problems.join(" ") }
				: {
						...result,
						outcome: "accepted",
						reason: digestNote({ ...result, ...pin }, found),
						unpinned: pin.sha256 === undefined ? [pin.digestKey, found.sha256] : undefined,
					};
		} catch (error) {
			const outcome = error instanceof UnreachableError ? "not reached" : "refused";
			return { ...result, outcome, reason: (error as Error).message };
		}
	};

	try {
		const charts = Object.entries(platformCharts(stack)) as [ChartName, PlatformChart][];
		return await Promise.all(charts.map(([chart, found]) => check(chart, found)));
	} finally {
		await rm(directory, { recursive: true });
	}
}
