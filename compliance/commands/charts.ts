/**
 * Renders the charts of the stack with the program's own values, without a cluster, and evaluates the rules about Kubernetes
 * objects on the result. Rules across objects see the resources of the program as well.
 *
 *     npm run policy:charts -- [--charts DIR] [--helm PATH] [--json FILE] [--stack FILE]
 *
 * The command downloads each chart in its exact version and checks it against the digest of the stack file. `--charts` is a
 * directory with packages (`helm pull` makes them) to use instead. Where a repository is out of reach, the command evaluates
 * the rehearsal's double, and the output says so. Ends with 1 for a violation that charts/deviations.yaml does not list, for
 * an entry there that matches nothing, and for a chart that is not the expected one or cannot be rendered.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { unknownCheckingProxy } from "@pulumi/policy";
import { helmRelease } from "../../policies/lib/helm/releases.ts";
import { currentDay } from "../../policies/lib/rules/exceptions.ts";
import { rules } from "../../policies/rules/index.ts";
import { progress, resultFor, runCommand, sayTo } from "../../src/commands/command.ts";
import { stackToEvaluate } from "../../src/commands/stack-from-file.ts";
import { type ChartPin, chartPins } from "../../src/config/derived/chart-pins.ts";
import { chartRepositories } from "../../src/facts/add-ons.ts";
import { parseDeviations } from "../charts/deviations.ts";
import type { ChartRule } from "../charts/evaluate-objects.ts";
import { type ChartRelease, evaluateRelease, type ReleaseVerdict } from "../charts/evaluate-release.ts";
import { helmIn } from "../charts/helm.ts";
import { toResource } from "../evaluation/evaluate-stack.ts";
import { previewStack } from "../evaluation/preview.ts";

/** A release as the program declares it. */
interface Release {
	chart: keyof typeof chartRepositories;
	version: string;
	namespace: string;
	values: Record<string, unknown>;
	repositoryOpts: { repo: string };
}

interface Options {
	/** Directory with packages to use instead of the published ones. */
	charts?: string;
	helm: string;
	/** Path of the stack file. */
	stack: string;
	/** Where the result goes as JSON. */
	json?: string;
}

interface Evaluation {
	/** Of each chart, in sentences. */
	origins: string[];
	acceptedDeviations: number;
	/** A sentence each. */
	problems: string[];
}

await runCommand("policy:charts", async () => {
	const { values: options } = parseArgs({
		options: {
			charts: { type: "string" },
			helm: { type: "string", default: "helm" },
			json: { type: "string" },
			stack: { type: "string", default: "Pulumi.lab.yaml" },
		},
	});
	const writeResult = resultFor(options.json);
	const downloads = mkdtempSync(join(tmpdir(), "policy-charts-"));
	try {
		const { problems, ...evaluated } = await evaluateCharts(options, downloads);
		for (const problem of problems) {
			console.error(problem);
		}
		writeResult({ ok: problems.length === 0, ...evaluated, problems });
		return problems.length === 0;
	} finally {
		rmSync(downloads, { recursive: true });
	}
});

/**
 * Prints the origin of each chart, and a summary.
 *
 * @param downloads folder that receives the packages
 */
async function evaluateCharts(options: Options, downloads: string): Promise<Evaluation> {
	const say = sayTo(options.json);
	const chartRules = rules.filter((rule): rule is ChartRule => "checkObject" in rule || "checkStack" in rule);
	const deviations = parseDeviations(
		readFileSync(new URL("../charts/deviations.yaml", import.meta.url), "utf8"),
		Object.keys(chartRepositories),
		chartRules,
	);
	const { values, stack } = stackToEvaluate(options.stack);
	// Once, and not once a chart, so that a missing Helm is one message.
	await helmIn(downloads, options.helm)(["version"]);
	progress("Declaring the resources of the stack ...");
	const resources = (await previewStack(values)).map(toResource);
	const context = resources.map((resource) => ({ ...resource, props: unknownCheckingProxy(resource.props) }));
	const releases = resources.filter(({ type }) => type === helmRelease).map(({ props }) => props as unknown as Release);
	const pins: Partial<Record<string, ChartPin>> = chartPins(stack.platform);
	const kubernetes = stack.cluster.version;
	const unpinned = releases.find(({ chart }) => !Object.hasOwn(pins, chart));
	if (unpinned) {
		throw new Error(`The program has a release of ${unpinned.chart}, whose version no key of the stack file pins`);
	}
	progress("Downloading and rendering the charts, and evaluating the rules on them ...");
	const verdicts = await Promise.all(
		releases.map(({ chart, version, namespace, values, repositoryOpts: { repo } }) => {
			const { sha256, digestKey } = pins[chart]!;
			const release: ChartRelease = { chart, version, repository: repo, sha256, digestKey, namespace, values };
			return evaluateRelease(release, {
				helm: helmIn(join(downloads, chart), options.helm),
				packages: options.charts,
				downloads,
				doubles: new URL("../../rehearsal/doubles/charts", import.meta.url).pathname,
				kubernetes,
				rules: chartRules,
				context,
				deviations,
				today: currentDay(),
			});
		}),
	);
	for (const { origin } of verdicts) {
		say(origin);
	}
	const problems = verdicts.flatMap(({ problems }, index) =>
		problems.map((problem) => `${releases[index]!.chart}: ${problem}`),
	);
	const count = (evaluated: ReleaseVerdict["evaluated"]) =>
		verdicts.filter((chart) => chart.evaluated === evaluated).length;
	const accepted = verdicts.reduce((sum, { used }) => sum + used.size, 0);
	say(
		`${count("published chart")} published charts, ${count("double")} doubles, ${accepted} accepted deviations, ${problems.length} problems.`,
	);
	return { origins: verdicts.map(({ origin }) => origin), acceptedDeviations: accepted, problems };
}
