import { type ClientVerdict, clientProblems, describeVerdict } from "../../history/client-history.ts";
import type { Sampling, Scenario } from "../scenario.ts";
import type { ScenarioCluster } from "./cluster.ts";

export interface ScenarioResult {
	name: string;
	outage: Scenario["outage"];
	seconds: number;
	/** Absent where an outage is allowed. */
	client?: ClientVerdict;
	/** Sentences; empty when the scenario passed. */
	problems: string[];
}

/** Runs a scenario on a healthy cluster. */
export async function runScenario(
	scenario: Scenario,
	cluster: ScenarioCluster,
	sampling: Sampling,
): Promise<ScenarioResult> {
	const began = Date.now();
	const problems: string[] = [];
	const client = scenario.outage === "none" ? await cluster.rehearsal.startClient() : undefined;
	const attempt = async (step: () => Promise<unknown>) => {
		try {
			await step();
		} catch (error) {
			problems.push(error instanceof Error ? error.message : String(error));
		}
	};
	await attempt(() => scenario.run(cluster, sampling));
	let verdict: ClientVerdict | undefined;
	// Its last reads fail while the API is away, and the reason of the scenario must not be lost then.
	await attempt(async () => {
		verdict = await client?.stop();
	});
	if (verdict) {
		problems.push(...clientProblems(verdict));
	}
	if (verdict && scenario.longestGap !== undefined && verdict.longestGap > scenario.longestGap) {
		problems.push(
			`no operation of the client succeeded for ${verdict.longestGap} ms, and ${scenario.longestGap} are allowed`,
		);
	}
	await attempt(() => cluster.becomesHealthy());
	if (problems.length === 0) {
		await attempt(() => cluster.isLikeItsStackFile());
	}
	const { name, outage } = scenario;
	return { name, outage, seconds: (Date.now() - began) / 1000, ...(verdict ? { client: verdict } : {}), problems };
}

/** Lines for people. */
export function describeResult({ name, outage, seconds, client, problems }: ScenarioResult): string[] {
	return [
		`${problems.length === 0 ? "passed" : "FAILED"}  ${name}, ${seconds.toFixed(0)} s`,
		client ? `  client: ${describeVerdict(client)}` : `  an outage is ${outage}`,
		...problems.map((problem) => `  problem: ${problem}`),
	];
}
