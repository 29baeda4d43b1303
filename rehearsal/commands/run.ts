/** The whole path, once: boot the datacenter, preview, up, preview again, verify, destroy, prove that nothing is left. */
import { writeFile } from "node:fs/promises";
import type { StackConfig } from "../../src/config/schema.ts";
import type { EngineResult, EngineStep } from "../engine/engine.ts";
import { Rehearsal, type RehearsalOptions } from "../rehearsal.ts";
import { changeCount, type RehearsalResult } from "../report/result.ts";
import { summary } from "../report/summary.ts";
import { timeline } from "../report/timeline.ts";
import type { ClusterReport } from "../verify/cluster.ts";

export interface RunOptions extends RehearsalOptions {
	/** Leaves the cluster up and says how to use it. */
	keep: boolean;
	/** Where to write the result for machines. */
	json?: string;
}

/** @returns whether everything was as it should be */
export async function run(options: RunOptions): Promise<boolean> {
	const say = options.say;
	const steps: EngineStep[] = [];
	const rehearsal = await Rehearsal.open({ ...options, onStep: (step) => steps.push(step) });
	const problems: string[] = [];
	try {
		say(`Engine: ${rehearsal.engine.description}`);
		say(`Overlay on Pulumi.${options.stack}.yaml:\n${indent(rehearsal.overlayText)}`);

		const preview = await step("preview", () => rehearsal.preview());
		steps.length = 0;
		const up = await step("up", () => rehearsal.up());
		say(timeline(steps).join("\n"));
		const secondPreview = await step("second preview", () => rehearsal.preview());
		say("Verifying the cluster from outside ...");
		const cluster = await rehearsal.verify();
		problems.push(...cluster.problems, ...secondPreviewProblems(secondPreview), ...policyProblems(preview));

		if (!options.keep) {
			await step("destroy", () => rehearsal.destroy());
		}
		const result = await finish(rehearsal, options, { preview, up, secondPreview, cluster }, problems);
		say(summary(result, problems, options.keep).join("\n"));
		if (options.keep) {
			say(howToUse(rehearsal.stack));
		}
		if (options.json) {
			await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`);
		}
		return result.ok;
	} catch (error) {
		await rehearsal.close();
		throw error;
	}

	async function step(name: string, operation: () => Promise<EngineResult>): Promise<EngineResult> {
		say(`pulumi ${name} ...`);
		const result = await operation();
		if (!result.succeeded) {
			const errors = result.diagnostics.filter(({ severity }) => severity === "error");
			throw new Error([`${name} failed:`, ...errors.map(({ message }) => message)].join("\n"));
		}
		say(`  ${changeCount(result)} changes in ${result.seconds.toFixed(1)} s`);
		return result;
	}
}

interface Measured {
	preview: EngineResult;
	up: EngineResult;
	secondPreview: EngineResult;
	cluster: ClusterReport;
}

async function finish(
	rehearsal: Rehearsal,
	{ keep, stack }: RunOptions,
	{ preview, up, secondPreview, cluster }: Measured,
	problems: string[],
): Promise<RehearsalResult> {
	const { leftovers, peakMemoryMiB } = keep ? await rehearsal.detach() : await rehearsal.close();
	for (const [what, count] of Object.entries(leftovers)) {
		if (!keep && count > 0) {
			problems.push(`${count} ${what} left over`);
		}
	}
	return {
		ok: problems.length === 0,
		engine: rehearsal.engine.name,
		stack,
		preview: { create: preview.changes.create, seconds: preview.seconds },
		up: { created: up.changes.create, seconds: up.seconds },
		secondPreview: { changes: changeCount(secondPreview), seconds: secondPreview.seconds },
		cluster: {
			apiAddress: cluster.apiAddress,
			nodesReady: cluster.nodesReady,
			etcdVoters: cluster.etcdVoters,
			releases: cluster.releases,
		},
		policies: {
			evaluated: preview.policies.evaluated,
			violations: preview.policies.violations.length,
			skipped: preview.policies.skipped.length,
		},
		leftovers,
		peakMemoryMiB,
	};
}

function secondPreviewProblems(result: EngineResult): string[] {
	const changed = changeCount(result);
	return changed === 0 ? [] : [`the second preview shows ${changed} changes`];
}

function policyProblems({ policies }: EngineResult): string[] {
	return [
		...policies.violations.map(({ policy, message }) => `policy ${policy}: ${message}`),
		...policies.skipped.map(({ policy }) => `policy ${policy} could not run, because it read an unknown value`),
	];
}

function howToUse({ nodes }: StackConfig): string {
	return [
		"The cluster stays up:",
		"  npm run rehearse -- exec kubectl get nodes",
		`  npm run rehearse -- ssh ${Object.keys(nodes)[0]}`,
		"  npm run rehearse -- down",
	].join("\n");
}

function indent(text: string): string {
	return text.trimEnd().replaceAll(/^/gm, "  ");
}
