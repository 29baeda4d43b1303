/** The published charts against the values that the program gives them, by Helm itself. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chartRepositories } from "../../components/platform/chart.ts";
import { chartValues } from "../../components/platform/values/index.ts";
import type { StackConfig } from "../../src/config/schema.ts";
import { run } from "../setup/command.ts";

export interface ChartCheck {
	chart: string;
	version: string;
	/** Repository that was asked. */
	repository: string;
	outcome: "accepted" | "refused" | "not reached";
	/** Helm's own words, unless accepted. */
	reason: string;
}

export interface CheckOptions {
	helm: string;
	stack: Pick<StackConfig, "platform" | "nodes">;
	/** Version of Kubernetes that the charts are rendered for; one of RKE2 is such a version to Helm. */
	kubernetes: string;
}

/** Downloads each pinned chart and renders it with our values, which checks them against its schema first. */
export async function checkCharts({ helm, stack, kubernetes }: CheckOptions): Promise<ChartCheck[]> {
	const directory = await mkdtemp(join(tmpdir(), "charts-check-"));
	const environment = Object.fromEntries(
		["CACHE", "CONFIG", "DATA"].map((kind) => [`HELM_${kind}_HOME`, join(directory, kind.toLowerCase())]),
	);
	const helmRun = (...parameters: string[]) => run([helm, ...parameters], { environment });

	const check = async (chart: keyof typeof chartRepositories): Promise<ChartCheck> => {
		const { version, values } = chartValues(stack)[chart];
		const repository = stack.platform.chartMirror ?? chartRepositories[chart];
		const result = { chart, version, repository };
		const pull = ["pull", chart, "--repo", repository, "--version", version, "--untar", "--untardir", directory];
		try {
			await helmRun(...pull);
		} catch (error) {
			return { ...result, outcome: "not reached", reason: messageOf(error) };
		}
		const [folder, file] = [join(directory, chart), join(directory, `${chart}.json`)];
		await writeFile(file, JSON.stringify(values));
		try {
			await helmRun("template", chart, folder, "--values", file, "--kube-version", kubernetes);
		} catch (error) {
			return { ...result, outcome: "refused", reason: messageOf(error) };
		}
		return { ...result, outcome: "accepted", reason: "" };
	};

	try {
		return await Promise.all((Object.keys(chartRepositories) as (keyof typeof chartRepositories)[]).map(check));
	} finally {
		await rm(directory, { recursive: true });
	}
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
