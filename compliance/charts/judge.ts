/** The releases of a stack, chart by chart: where each comes from, and what is wrong with it. */
import { join } from "node:path";
import type { Resource } from "../../policies/lib/rules/resource.ts";
import type { Deviation } from "./deviations.ts";
import type { Helm } from "./helm.ts";
import { digestNote, downloadChart, localChart, type PinnedChart, UnreachableError } from "./packages.ts";
import { renderChart } from "./render.ts";
import { type ChartRule, reviewChart } from "./review.ts";

/** One release, as the program asks for it. */
export interface ChartRelease extends PinnedChart {
	namespace: string;
	values: Readonly<Record<string, unknown>>;
}

export interface JudgeOptions {
	helm: Helm;
	/** Folder with packages; where it is absent, the repositories are asked. */
	packages: string | undefined;
	/** Folder that receives what is downloaded. */
	downloads: string;
	/** Folder with one folder a chart, for those whose repository is out of reach. */
	standIns: string;
	/** Version of Kubernetes to render for. */
	kubernetes: string;
	rules: readonly ChartRule[];
	/** What the program declares beside the charts. */
	surroundings: readonly Resource[];
	deviations: readonly Deviation[];
	/** As `YYYY-MM-DD`. */
	today: string;
}

export interface ChartJudgement {
	/** What was judged, in one sentence. */
	origin: string;
	/** Nothing where the published chart is there and is not what it should be. */
	judged: "published chart" | "stand-in" | "nothing";
	/** Sentences; none for a chart without fault. */
	problems: string[];
	/** The accepted deviations that were found. */
	used: Set<Deviation>;
}

/** Every entry for the chart must be found in it, be it the published chart or its stand-in (ADR 27). */
export async function judgeChart(release: ChartRelease, options: JudgeOptions): Promise<ChartJudgement> {
	const { chart, version } = release;
	const judgement: ChartJudgement = {
		origin: `${chart} ${version} was not judged.`,
		judged: "nothing",
		problems: [],
		used: new Set(),
	};
	try {
		const source = await find(release, options, judgement);
		const { helm, kubernetes, rules, deviations, today, surroundings } = options;
		const { namespace, values } = release;
		const manifest = await renderChart(helm, { source, name: chart, namespace, values, kubernetes });
		const { violations, used } = reviewChart(chart, manifest, rules, deviations, today, surroundings);
		judgement.used = used;
		judgement.problems.push(
			...violations,
			...deviations
				.filter((deviation) => deviation.chart === chart && !used.has(deviation))
				.map(({ policy, control, resource }) => {
					const which = control === undefined ? policy : `${policy} (control ${control})`;
					return `deviations.yaml accepts ${which} for ${resource}, where there is nothing to accept; remove the entry.`;
				}),
		);
	} catch (error) {
		judgement.problems.push((error as Error).message);
	}
	return judgement;
}

/** Path of the package, or of the stand-in's folder. */
async function find(release: ChartRelease, options: JudgeOptions, judgement: ChartJudgement): Promise<string> {
	const { chart, version, repository } = release;
	const { helm, packages, downloads, standIns } = options;
	try {
		const found = packages ? await localChart(release, packages) : await downloadChart(helm, release, downloads);
		judgement.judged = "published chart";
		judgement.origin = `${chart} ${version} from ${packages ?? repository}. ${digestNote(release, found)}`;
		return found.file;
	} catch (error) {
		if (!(error instanceof UnreachableError)) {
			throw error;
		}
		judgement.judged = "stand-in";
		judgement.origin = `${chart} ${version}: ${error.message} Judged is the rehearsal's stand-in, which proves nothing about the published chart.`;
		return join(standIns, chart);
	}
}
