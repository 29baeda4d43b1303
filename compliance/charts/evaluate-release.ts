/** Evaluates one release of a stack: finds the chart, renders it and puts the rules to its objects. */
import { join } from "node:path";
import type { Resource } from "../../policies/lib/rules/resource.ts";
import type { Deviation } from "./deviations.ts";
import { type ChartRule, evaluateObjects } from "./evaluate-objects.ts";
import type { Helm } from "./helm.ts";
import { digestNote, downloadChart, localChart, type PinnedChart, UnreachableError } from "./packages.ts";
import { renderChart } from "./render.ts";

/** One release, as the program declares it. */
export interface ChartRelease extends PinnedChart {
	namespace: string;
	values: Readonly<Record<string, unknown>>;
}

export interface EvaluationOptions {
	helm: Helm;
	/** Folder with packages; where it is absent, they come from the repositories. */
	packages: string | undefined;
	/** Folder that receives the downloads. */
	downloads: string;
	/** Folder with a double of each chart, for those whose repository is out of reach. */
	doubles: string;
	/** Version of Kubernetes to render for. */
	kubernetes: string;
	rules: readonly ChartRule[];
	/** The resources that the program declares beside the charts. */
	context: readonly Resource[];
	deviations: readonly Deviation[];
	/** As `YYYY-MM-DD`. */
	today: string;
}

export interface ReleaseVerdict {
	/** Where the evaluated chart comes from, in one sentence. */
	origin: string;
	/** Nothing where the published chart is there and is another one than expected. */
	evaluated: "published chart" | "double" | "nothing";
	/** Sentences; none for a chart without a fault. */
	problems: string[];
	/** The accepted deviations that were found. */
	used: Set<Deviation>;
}

/** Every entry for the chart must be found in it, in the published chart as in its double (ADR 27). */
export async function evaluateRelease(release: ChartRelease, options: EvaluationOptions): Promise<ReleaseVerdict> {
	const { chart, version } = release;
	const verdict: ReleaseVerdict = {
		origin: `${chart} ${version} was not evaluated.`,
		evaluated: "nothing",
		problems: [],
		used: new Set(),
	};
	try {
		const source = await find(release, options, verdict);
		const { helm, kubernetes, rules, deviations, today, context } = options;
		const { namespace, values } = release;
		const manifest = await renderChart(helm, { source, name: chart, namespace, values, kubernetes });
		const { violations, used } = evaluateObjects(chart, manifest, rules, deviations, today, context);
		verdict.used = used;
		verdict.problems.push(
			...violations,
			...deviations
				.filter((deviation) => deviation.chart === chart && !used.has(deviation))
				.map(({ policy, control, resource }) => {
					const which = control === undefined ? policy : `${policy} (control ${control})`;
					return `deviations.yaml accepts ${which} for ${resource}, which does not violate it; remove the entry.`;
				}),
		);
	} catch (error) {
		verdict.problems.push((error as Error).message);
	}
	return verdict;
}

/** Path of the package, or of the double's folder. */
async function find(release: ChartRelease, options: EvaluationOptions, verdict: ReleaseVerdict): Promise<string> {
	const { chart, version, repository } = release;
	const { helm, packages, downloads, doubles } = options;
	try {
		const found = packages ? await localChart(release, packages) : await downloadChart(helm, release, downloads);
		verdict.evaluated = "published chart";
		verdict.origin = `${chart} ${version} from ${packages ?? repository}. ${digestNote(release, found)}`;
		return found.file;
	} catch (error) {
		if (!(error instanceof UnreachableError)) {
			throw error;
		}
		verdict.evaluated = "double";
		verdict.origin = `${chart} ${version}: ${error.message} The rules were put to the rehearsal's double instead, which proves nothing about the published chart.`;
		return join(doubles, chart);
	}
}
