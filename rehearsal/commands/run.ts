/** Runs the whole path once: boot the datacenter, preview, up, second preview, verify, destroy, check for leftovers. */
import type { StackConfig } from "../../src/config/schema/stack.ts";
import { Interruption } from "../datacenter/interruption.ts";
import { watchMemory } from "../datacenter/memory.ts";
import type { EngineResult, EngineStep } from "../engine/engine.ts";
import type { RehearsalOptions } from "../options.ts";
import { Rehearsal, type RehearsalEnd } from "../rehearsal.ts";
import { type Account, writeReport } from "../report/page/page.ts";
import { type Chapter, Witness } from "../report/page/witness.ts";
import { changeCount, type RehearsalResult } from "../report/result.ts";
import { rows, summary } from "../report/summary.ts";
import { timeline } from "../report/timeline.ts";
import type { ClusterReport } from "../verify/cluster.ts";

interface RunOptions extends RehearsalOptions {
	/** Keeps the cluster running and prints how to use it. */
	keep: boolean;
	/** Gets the result at the end. */
	writeResult: (result: RehearsalResult) => void;
	/** Directory for the report. */
	report?: string | undefined;
}

/** Results of the steps. The steps after a failed one have none. */
interface Findings {
	preview?: EngineResult;
	up?: EngineResult;
	secondPreview?: EngineResult;
	cluster?: ClusterReport;
	/** Sentences; empty when the rehearsal passed. */
	problems: string[];
}

/** @returns whether the rehearsal passed */
export async function run(options: RunOptions): Promise<boolean> {
	const steps: EngineStep[] = [];
	const witness = new Witness();
	const onStep = (step: EngineStep) => {
		steps.push(step);
		witness.onStep(step);
	};
	const rehearsal = await Rehearsal.open({ ...options, ...witness, onStep });
	const began = Date.now();
	witness.begin();
	const memory = watchMemory(rehearsal.run);
	const interruption = new Interruption(rehearsal.run);
	const findings = await runWholePath(rehearsal, options, steps);
	await interruption.ending;
	const peakMemoryMiB = await memory.stop();
	const leftovers = options.keep ? await rehearsal.detach() : await rehearsal.close();
	interruption.ignore();
	if (!options.keep) {
		findings.problems.push(...leftoverProblems(leftovers));
	}
	const result = resultOf(rehearsal, findings, { leftovers, peakMemoryMiB });
	options.say(summary(result, options.keep).join("\n"));
	if (options.keep) {
		options.say(howToUse(rehearsal.stack));
	}
	options.writeResult(result);
	if (options.report) {
		const seconds = (Date.now() - began) / 1000;
		await writeReport(options.report, [accountOf(rehearsal, result, seconds, witness.chapter)]);
	}
	return result.ok;
}

function accountOf({ stack, secrets }: Rehearsal, result: RehearsalResult, seconds: number, chapter: Chapter): Account {
	return {
		name: result.stack,
		description: "The whole path of the stack: preview, `up`, a second preview, a look from outside, `destroy`.",
		seconds,
		problems: result.problems,
		nodes: Object.keys(stack.nodes),
		facts: Object.fromEntries(rows(result, false)),
		chapter,
		secrets,
	};
}

async function runWholePath(
	rehearsal: Rehearsal,
	{ say, stack, keep }: RunOptions,
	steps: EngineStep[],
): Promise<Findings> {
	const findings: Findings = { problems: [] };
	say(rehearsal.pulumi);
	say(`Overlay on Pulumi.${stack}.yaml:\n${indent(rehearsal.overlayText)}`);
	try {
		findings.preview = await step("preview", () => rehearsal.preview());
		findings.problems.push(...policyProblems(findings.preview));
		findings.up = await step("up", () => rehearsal.up());
		say(timeline(steps).join("\n"));
		findings.secondPreview = await step("second preview", () => rehearsal.preview());
		findings.problems.push(...secondPreviewProblems(findings.secondPreview));
		say("Verifying the cluster from outside ...");
		findings.cluster = await rehearsal.verify();
		findings.problems.push(...findings.cluster.problems);
		if (!keep) {
			await step("destroy", () => rehearsal.destroy());
		}
	} catch (error) {
		findings.problems.push(error instanceof Error ? error.message : String(error));
	}
	return findings;

	async function step(name: string, operation: () => Promise<EngineResult>): Promise<EngineResult> {
		say(`pulumi ${name} ...`);
		const result = await operation();
		if (!result.succeeded) {
			const errors = result.diagnostics.filter(({ severity }) => severity === "error");
			const broken = mandatory(result).map(({ policy, urn, message }) => `policy ${policy} on ${urn}: ${message}`);
			throw new Error([`${name} failed:`, ...errors.map(({ message }) => message), ...broken].join("\n"));
		}
		say(`  ${changeCount(result)} changes in ${result.seconds.toFixed(1)} s`);
		return result;
	}
}

function resultOf(
	{ pulumi, stackName }: Rehearsal,
	{ preview, up, secondPreview, cluster, problems }: Findings,
	end: Pick<RehearsalResult, "leftovers" | "peakMemoryMiB">,
): RehearsalResult {
	return {
		ok: problems.length === 0,
		pulumi,
		stack: stackName,
		preview: { create: preview?.changes.create ?? 0, seconds: preview?.seconds ?? 0 },
		up: { created: up?.changes.create ?? 0, seconds: up?.seconds ?? 0 },
		secondPreview: { changes: secondPreview ? changeCount(secondPreview) : 0, seconds: secondPreview?.seconds ?? 0 },
		cluster: {
			apiAddress: cluster?.apiAddress ?? "",
			nodesReady: cluster?.nodesReady ?? 0,
			etcdVoters: cluster?.etcdVoters ?? 0,
			releases: cluster?.releases ?? [],
		},
		policies: {
			evaluated: preview?.policies.evaluated ?? 0,
			violations: preview ? mandatory(preview).length : 0,
			skipped: preview?.policies.skipped.length ?? 0,
		},
		...end,
		problems,
	};
}

function leftoverProblems(leftovers: RehearsalEnd): string[] {
	return Object.entries(leftovers)
		.filter(([, count]) => count > 0)
		.map(([kind, count]) => `${count} ${kind} left over`);
}

function secondPreviewProblems(result: EngineResult): string[] {
	const changed = changeCount(result);
	return changed === 0 ? [] : [`the second preview shows ${changed} changes`];
}

/** Without advisory violations, which list the exceptions in force. */
function mandatory({ policies }: EngineResult) {
	return policies.violations.filter(({ level }) => level === "mandatory");
}

function policyProblems(result: EngineResult): string[] {
	return [
		...mandatory(result).map(({ policy, message }) => `policy ${policy}: ${message}`),
		...result.policies.skipped.map(({ policy }) => `policy ${policy} did not run, because it read an unknown value`),
	];
}

function howToUse({ nodes }: StackConfig): string {
	return [
		"The cluster keeps running. Use it with:",
		"  npm run rehearse -- exec kubectl get nodes",
		`  npm run rehearse -- ssh ${Object.keys(nodes)[0]}`,
		"  npm run rehearse -- down",
	].join("\n");
}

function indent(text: string): string {
	return text.trimEnd().replaceAll(/^/gm, "  ");
}
