/** One operation with its faults. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { nodeStepName } from "../../../src/facts/resource-names.ts";
import type { EngineStep } from "../../engine/engine.ts";
import { complaints } from "../../report/complaints.ts";
import type { Change, ScenarioCluster } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";
import { hasEnded } from "../support/has-ended.ts";
import { describePoint, type FaultPoint, type FaultRound, operations } from "./points.ts";

/** A fault that has begun. */
interface Begun {
	point: FaultPoint;
	/** Ends the fault, unless it ends by itself. */
	end: () => void;
	/** Resolves when the fault is over. */
	over: Promise<void>;
}

/**
 * Runs `up` until it succeeds. The first `up` that starts a step of a point meets the fault of the point there; an `up` that
 * ends with an error has to name a node whose fault began in it.
 *
 * @param waiting loses the points that have begun, also when this function throws
 * @returns points that found the fault of another step still there, and need another round
 */
export async function runRound(
	cluster: ScenarioCluster,
	{ operation, points }: FaultRound,
	say: (line: string) => void,
	waiting = new Set(points),
): Promise<FaultPoint[]> {
	const late = new Set<FaultPoint>();
	let change: Change | undefined = await operations[operation](cluster);
	let refresh = false;
	for (let succeeded = false; !succeeded; change = undefined) {
		const { failed, begun } = await upWithFaults(cluster, { change, refresh }, waiting, late);
		for (const point of begun) {
			say(`  ${describePoint(point)}`);
		}
		succeeded = failed === undefined;
		if (failed !== undefined) {
			say(`    ${failed.split("\n")[0]}`);
			assert.ok(
				begun.some(({ node }) => namesNode(failed, node)),
				`\`up\` failed without a fault of its own, or named no node that had one: ${failed}`,
			);
			await answer(cluster);
			refresh = needsRefresh.test(failed);
		}
	}
	await hasEnded(cluster);
	const unseen = [...waiting].filter((point) => !late.has(point));
	assert.deepEqual(unseen.map(describePoint), [], "these steps did not come");
	return [...waiting];
}

/** The provider has recorded a size that the disk does not have, so the next `up` has to look: docs/troubleshooting.md. */
const needsRefresh = /VM disk resize/;

/** An error names the node and its step, or the machine, which has the node's name. */
function namesNode(complaint: string, node: string): boolean {
	return new RegExp(`^${node}(-[a-z-]+)?: `, "m").test(complaint);
}

/**
 * @param waiting points without those that begin
 * @param late gets the points whose step has begun while the fault of another step was there
 */
async function upWithFaults(
	cluster: ScenarioCluster,
	{ change, refresh }: { change: Change | undefined; refresh: boolean },
	waiting: Set<FaultPoint>,
	late: Set<FaultPoint>,
): Promise<{ failed?: string; begun: FaultPoint[] }> {
	const begun: Begun[] = [];
	const present = new Set<FaultPoint>();
	const begin = (point: FaultPoint) => {
		waiting.delete(point);
		present.add(point);
		const fault = beginFault(cluster, point);
		begun.push(fault);
		// A rejection is thrown after the operation.
		fault.over.then(() => present.delete(point)).catch(() => undefined);
	};
	cluster.onStep = ({ urn, phase }: EngineStep) => {
		if (phase !== "started") {
			begun.find(({ point }) => isStepOf(point, urn))?.end();
			return;
		}
		const point = [...waiting].find((one) => isStepOf(one, urn));
		if (point && canBegin(point, present)) {
			begin(point);
		} else if (point) {
			late.add(point);
		}
	};
	const before = [...waiting].find(({ step }) => step === undefined);
	if (before) {
		begin(before);
	}
	const up = await cluster.up(change, { refresh }).finally(() => {
		cluster.onStep = undefined;
		for (const { end } of begun) {
			end();
		}
	});
	await Promise.all(begun.map(({ over }) => over));
	return { begun: begun.map(({ point }) => point), ...(up.succeeded ? {} : { failed: complaints(up) }) };
}

function isStepOf({ node, step }: FaultPoint, urn: string): boolean {
	return step !== undefined && urn.endsWith(`::${nodeStepName(node, step)}`);
}

/** One fault at a time, so that an error is the answer to it. Nodes prepare at the same time, each with a fault of its machine. */
function canBegin({ step }: FaultPoint, present: ReadonlySet<FaultPoint>): boolean {
	return [...present].every((other) => step === "prepare" && other.step === "prepare");
}

function beginFault(cluster: ScenarioCluster, point: FaultPoint): Begun {
	const { fault, node } = point;
	let end: () => void = () => undefined;
	const ended = new Promise<void>((resolve) => {
		end = resolve;
	});
	const last = async () => {
		const mend = await fault.begin(cluster, node);
		await (fault.seconds === undefined ? ended : sleep(fault.seconds * 1000));
		await mend();
	};
	return { point, end, over: last() };
}

/** An administrator looks after the machines first. A node that the operation has taken out stays away until the next `up`. */
async function answer({ rehearsal }: ScenarioCluster): Promise<void> {
	await eventually(async () => {
		await Promise.all(Object.keys(rehearsal.stack.nodes).map((node) => rehearsal.onNode(node, "true")));
	}, 60).catch(() => undefined);
}
