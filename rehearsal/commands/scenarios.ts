/** Runs scenarios one after another in one datacenter. */
import { randomInt } from "node:crypto";
import { UsageError } from "../../src/commands/command.ts";
import { Interruption } from "../datacenter/interruption.ts";
import type { Rehearsal } from "../rehearsal.ts";
import { type Account, writeReport } from "../report/page/page.ts";
import { Witness } from "../report/page/witness.ts";
import { scenarios } from "../scenarios/index.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import { ScenarioCluster } from "../scenarios/support/cluster.ts";
import { describeResult, runScenario, type ScenarioResult } from "../scenarios/support/run-scenario.ts";

interface ScenariosOptions {
	/** Names of scenarios, or `all`. */
	names: readonly string[];
	/** Of a sweep, which runs a part of its points: default is a new number. */
	seed?: number | undefined;
	/** Whether a sweep runs all of its points. */
	sweep: boolean;
	/** Gets the results at the end. */
	writeResult: (results: readonly ScenarioResult[]) => void;
	/** Directory for the report. */
	report?: string | undefined;
	say: (line: string) => void;
}

/** One line for each scenario: its name, whether the API may be away, and what happens. */
export function listScenarios(): string[] {
	const width = Math.max(...scenarios.map(({ name }) => name.length));
	return scenarios.map(
		({ name, outage, description }) => `${name.padEnd(width)}  outage ${outage.padEnd(7)}  ${description}`,
	);
}

/** @returns whether all of them passed */
export async function runScenarios({
	names,
	seed = randomInt(2 ** 31),
	sweep,
	writeResult,
	report,
	say,
}: ScenariosOptions): Promise<boolean> {
	const results: ScenarioResult[] = [];
	const accounts: Account[] = [];
	const witness = new Witness();
	let cluster: ScenarioCluster | undefined;
	let interruption: Interruption | undefined;
	const close = async () => {
		await interruption?.ending;
		await cluster?.close();
		interruption?.ignore();
		cluster = undefined;
	};
	try {
		for (const scenario of chosen(names)) {
			if (!cluster) {
				say("Starting three servers and two workers ...");
				cluster = await ScenarioCluster.open("scenarios", say, witness);
				interruption = new Interruption(cluster.rehearsal.run);
			}
			say(`${scenario.name}: ${scenario.description}`);
			witness.begin();
			const result = await runScenario(scenario, cluster, { seed, whole: sweep, say });
			results.push(result);
			accounts.push(accountOf(scenario, result, cluster.rehearsal, witness));
			say(describeResult(result).join("\n"));
			if (result.problems.length > 0) {
				// What it left behind must not decide about the next one.
				await close();
			}
		}
	} finally {
		await close();
		if (report) {
			await writeReport(report, accounts);
		}
	}
	writeResult(results);
	if (!sweep) {
		say(`seed ${seed}`);
	}
	const passed = results.filter(({ problems }) => problems.length === 0).length;
	say(`${passed} of ${results.length} scenarios passed.`);
	return passed === results.length;
}

function accountOf(
	{ description }: Scenario,
	{ name, outage, seconds, client, problems }: ScenarioResult,
	{ stack, secrets }: Rehearsal,
	{ chapter }: Witness,
): Account {
	const facts = { "Outage of the API": outage };
	const nodes = Object.keys(stack.nodes);
	return { name, description, seconds, problems, nodes, facts, ...(client ? { client } : {}), chapter, secrets };
}

/** In their own order, which is the quickest. */
function chosen(names: readonly string[]): readonly Scenario[] {
	const known = scenarios.map(({ name }) => name);
	const unknown = names.filter((name) => name !== "all" && !known.includes(name));
	if (unknown.length > 0) {
		throw new UsageError(
			`There is no scenario ${unknown.join(", ")}; \`npm run rehearse -- --list\` names them: ${known.join(", ")}.`,
		);
	}
	return names.includes("all") ? scenarios : scenarios.filter(({ name }) => names.includes(name));
}
