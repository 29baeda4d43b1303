/** What really happens in an `up`, beside what the review of the same change says. */
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { stringify } from "yaml";
import { currentDay } from "../../../policies/lib/rules/exceptions.ts";
import type { ConfigValue, EngineResult } from "../../../rehearsal/engine/engine.ts";
import type { CallOptions } from "../../../rehearsal/options.ts";
import type { Rehearsal } from "../../../rehearsal/rehearsal.ts";
import { complaints } from "../../../rehearsal/report/complaints.ts";
import { compare } from "../../../review/compare/compare.ts";
import type { StackReview } from "../../../review/compare/review.ts";
import { recordStack } from "../../../review/recording/record-stack.ts";
import type { Recording } from "../../../review/recording/recording.ts";
import { type NodeEvents, nodeEvents } from "./node-events.ts";

type Change = Record<string, unknown>;

/** One side of a change: the merge patch over the rehearsed stack, and the options of the call. */
export interface Side {
	change: Change;
	options?: CallOptions;
}

/**
 * Runs `up` from a state that was reached without an error, and expects of it what the review says: which resources change and how,
 * which nodes are drained, restart RKE2, boot or leave, and the order of the nodes.
 *
 * @param before what the last `up` had
 */
export async function upAsReviewed(
	rehearsal: Rehearsal,
	before: Side,
	{ change, options = {} }: Side,
): Promise<EngineResult> {
	// One after the other: a process previews one stack at a time.
	const old = await recordingOf(rehearsal.config(before.change, before.options));
	const now = await recordingOf(rehearsal.config(change, options));
	const [review] = compare("before", old, now).stacks;
	expect(review?.forbidden).toEqual([]);
	const made = review!.rollout.steps.filter(({ does }) => does === "join" || does === "create");
	const staying = old.stacks[0]!.nodes.map(({ name }) => name)
		.filter((name) => now.stacks[0]!.nodes.some((node) => node.name === name))
		.filter((name) => !made.some(({ nodes }) => nodes.includes(name)));
	const { result: up, ...events } = await nodeEvents(rehearsal, staying, async () => {
		const result = await rehearsal.up(change, options);
		// Before the nodes are asked: one that does not work would hide why.
		expect(complaints(result)).toBe("");
		return result;
	});
	expectAsReviewed(up, events, review!);
	return up;
}

function expectAsReviewed(up: EngineResult, events: NodeEvents, review: StackReview): void {
	expect(changedIn(up)).toEqual(
		review.resources.flatMap(({ action, names }) => names.map((name) => `${action} ${name}`)).sort(),
	);
	const steps = review.rollout.steps.flatMap(({ nodes, does }) => nodes.map((node) => ({ node, does })));
	const restarts = steps.filter(({ does }) => /^restart/.test(does));
	expect(events.restarted).toEqual(restarts.map(({ node }) => node));
	expect(events.booted).toEqual(restarts.filter(({ does }) => does !== "restart").map(({ node }) => node));
	expect(convergedIn(up).filter((node) => steps.some((step) => step.node === node))).toEqual(
		steps.map(({ node }) => node),
	);
	const left = up.diagnostics.flatMap(
		({ message }) => /^(\S+) has left the cluster; now its VM may be deleted\.$/m.exec(message)?.[1] ?? [],
	);
	const leaving = [...review.rollout.removed, ...steps.filter(({ does }) => does === "create").map(({ node }) => node)];
	expect(left.sort()).toEqual(leaving.sort());
	// Nodes leave before the first one restarts.
	const drained = [events.cordoned.slice(0, leaving.length).sort(), ...events.cordoned.slice(leaving.length)];
	const drains = restarts.flatMap(({ node, does }) => (does === "restart-vm-and-rke2" ? [node, node] : [node]));
	expect(drained).toEqual([leaving, ...drains]);
}

/** Components only group resources. */
function changedIn({ steps }: EngineResult): string[] {
	const changed = steps.filter(
		({ operation, type, phase }) =>
			phase === "succeeded" && operation !== "same" && !/^(?:rke2-lab:|pulumi:pulumi:Stack$)/.test(type),
	);
	return [...new Set(changed.map(({ operation, urn }) => `${operation} ${nameOf(urn)}`))].sort();
}

function convergedIn({ steps }: EngineResult): string[] {
	const converged = steps.flatMap(({ operation, urn, phase }) =>
		phase === "succeeded" && !["same", "delete"].includes(operation)
			? (/^(.+)-converge$/.exec(nameOf(urn))?.[1] ?? [])
			: [],
	);
	// A replaced command is deleted before and created afterwards.
	return converged.filter((node, index) => converged.lastIndexOf(node) === index);
}

function nameOf(urn: string): string {
	return urn.split("::").at(-1)!;
}

/** As from a stack file: of a secret only whether it is another one. */
async function recordingOf(config: Record<string, ConfigValue>): Promise<Recording> {
	const directory = await mkdtemp(join(tmpdir(), "as-reviewed-"));
	try {
		const values = Object.entries(config).map(([key, { value, secret }]) => [
			key,
			secret ? { secure: `v1:${digestOf(value)}:AAAA` } : JSON.parse(value),
		]);
		const file = join(directory, "Pulumi.rehearsed.yaml");
		await writeFile(file, stringify({ config: Object.fromEntries(values) }));
		return { format: 1, stacks: [await recordStack("rehearsed", file, currentDay())] };
	} finally {
		await rm(directory, { recursive: true });
	}
}

function digestOf(secret: string): string {
	return createHash("sha256").update(secret).digest("base64").slice(0, 16);
}
