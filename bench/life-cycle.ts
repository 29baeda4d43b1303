/**
 * `npm run bench:life-cycle`: how near the first `up` and a rollout come to the time that the order of their steps allows, and how
 * long a restore takes. Three servers and two workers of the lab, one after another in one datacenter.
 *
 *   --json FILE   writes the figures as JSON
 *   --runs N      default 3; the output is the median
 */
import assert from "node:assert/strict";
import type { EngineResult, EngineStep } from "../rehearsal/engine/engine.ts";
import { ScenarioCluster, secondServer } from "../rehearsal/scenarios/support/cluster.ts";
import { runCommand } from "../src/commands/command.ts";
import { nodeStepOf } from "../src/facts/resource-names.ts";
import type { Exported } from "../src/state/exported.ts";
import { printMedians, type Row } from "./medians.ts";
import { readOptions } from "./options.ts";

/** Seconds, and ratios of seconds of one run. */
interface Figures {
	firstUp: number;
	firstUpRatio: number;
	rollout: number;
	rolloutRatio: number;
	noOp: number;
	restore: number;
}

const rows: Row<keyof Figures>[] = [
	{ key: "firstUp", label: "first `up`", unit: "s" },
	{ key: "firstUpRatio", label: "first `up`, by the longest chain of its steps", target: 1.1 },
	{ key: "rollout", label: "rollout of a setting of all nodes", unit: "s" },
	{ key: "rolloutRatio", label: "the rollout, by the sum of its nodes' own steps", target: 1.1 },
	{ key: "noOp", label: "`up` without a change", unit: "s" },
	{ key: "restore", label: "restore of three servers", unit: "s", target: 180 },
];

await runCommand("bench:life-cycle", async () => {
	const { runs, say, writeResult } = readOptions();
	const measured: Figures[] = [];
	for (let run = 0; run < runs; run += 1) {
		measured.push(await measure());
	}
	say(`median of ${runs}`);
	writeResult({ runs, figures: printMedians(rows, measured, say) });
	return true;
});

async function measure(): Promise<Figures> {
	const firstSteps: EngineStep[] = [];
	const cluster = await ScenarioCluster.open("bench-life-cycle", console.error, {
		onStep: (step) => firstSteps.push(step),
		onDiagnostic: () => undefined,
		onFault: () => undefined,
	});
	try {
		const first = timesOf(firstSteps);
		const chain = longestChain(await cluster.rehearsal.state(), first);
		const steps: EngineStep[] = [];
		cluster.onStep = (step) => steps.push(step);
		const rollout = await cluster.upSucceeds(cluster.changeOfAllNodes());
		cluster.onStep = undefined;
		const noOp = await cluster.upSucceeds();
		const snapshot = await cluster.saveEtcd(secondServer);
		const restore = await cluster.upSucceeds({ cluster: { restore: snapshot } });
		return {
			firstUp: elapsed(first),
			firstUpRatio: elapsed(first) / chain,
			rollout: rollout.seconds,
			rolloutRatio: elapsed(timesOf(steps)) / sumOfNodes(rollout, timesOf(steps)),
			noOp: noOp.seconds,
			restore: restore.seconds,
		};
	} finally {
		await cluster.close();
	}
}

interface Span {
	/** Seconds since the operation began. */
	start: number;
	end: number;
}

/** By URN. */
type Times = ReadonlyMap<string, Span>;

function timesOf(steps: readonly EngineStep[]): Times {
	const times = new Map<string, Span>();
	for (const { urn, phase, operation, at } of steps) {
		const seconds = at / 1000;
		if (operation === "same") {
			continue;
		}
		if (phase === "started") {
			times.set(urn, { start: seconds, end: seconds });
		} else {
			times.set(urn, { start: times.get(urn)?.start ?? seconds, end: seconds });
		}
	}
	return times;
}

/** From the beginning of the first step to the end of the last one. */
function elapsed(times: Times): number {
	const spans = [...times.values()];
	return Math.max(...spans.map(({ end }) => end)) - Math.min(...spans.map(({ start }) => start));
}

/** Seconds of the steps that had to come one after another, by the dependencies in the state. */
function longestChain({ deployment }: Exported, times: Times): number {
	const resources = new Map((deployment.resources ?? []).map((resource) => [resource.urn, resource]));
	const known = new Map<string, number>();
	const chainTo = (urn: string): number => {
		const found = known.get(urn);
		if (found !== undefined) {
			return found;
		}
		const { dependencies = [], parent, provider, custom } = resources.get(urn) ?? {};
		const providerUrn = provider?.slice(0, provider.lastIndexOf("::"));
		const before = [...dependencies, parent, providerUrn].filter((one) => one !== undefined).map(chainTo);
		// A component lasts until its children are registered.
		const span = custom ? times.get(urn) : undefined;
		const chain = Math.max(0, ...before) + (span ? span.end - span.start : 0);
		known.set(urn, chain);
		return chain;
	};
	return Math.max(...[...resources.keys()].map(chainTo));
}

/** Seconds of all steps of nodes, as if they came one after another. */
function sumOfNodes({ steps }: EngineResult, times: Times): number {
	const urns = new Set(steps.map(({ urn }) => urn).filter((urn) => nodeStepOf(urn) !== undefined));
	const sum = [...urns].reduce((total, urn) => {
		const { start = 0, end = 0 } = times.get(urn) ?? {};
		return total + end - start;
	}, 0);
	assert.ok(sum > 0, "the rollout changed no node");
	return sum;
}
