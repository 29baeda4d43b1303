import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { EngineStep } from "../engine/engine.ts";
import { complaints } from "../report/complaints.ts";
import type { Scenario } from "./scenario.ts";
import { release, repair } from "./support/after-a-kill.ts";
import { type ScenarioCluster, type ScenarioUp, secondServer, secondWorker } from "./support/cluster.ts";
import { hasEnded } from "./support/has-ended.ts";

/** How many steps of the chosen operation a sample kills: about one of these. */
const sampledShare = 1 / 8;

/** What is killed at each of its steps. They run in this order, each on the cluster that the one before has left. */
const operations: Readonly<Record<string, (cluster: ScenarioCluster) => Promise<ScenarioUp>>> = {
	"a setting of the servers": async (cluster) => ({ change: cluster.changeOfServers() }),
	"a patch of RKE2": async (cluster) => {
		const version = cluster.version.replace(/\d+(?=\+)/, (patch) => `${Number(patch) + 1}`);
		await cluster.rehearsal.offerRelease(version);
		return { change: { cluster: { version } } };
	},
	"the replacement of a worker": async () => ({ change: { nodes: { [secondWorker]: { host: "node04" } } } }),
	"the replacement of a control plane": async () => ({ change: { nodes: { [secondServer]: { host: "node05" } } } }),
	"another server token": async () => ({ secrets: { clusterToken: randomBytes(24).toString("hex") } }),
	"another key for Secrets": async () => ({ change: { cluster: { secretsEncryptionKey: "sweep" } } }),
	"other certificates": async () => ({ change: { cluster: { certificateRotation: "sweep" } } }),
	"a restore": async (cluster) => ({ change: { cluster: { restore: await cluster.saveEtcd(secondServer) } } }),
};

/** `up` is killed when a step begins and when it ends, and run again, until it has come to its end. */
export const crashSweep: Scenario = {
	name: "crash-sweep",
	description:
		"Pulumi and its plugins are killed at the steps of a setting, an upgrade, replacements, rotations and a restore: after each kill `up` goes on.",
	outage: "allowed",

	async run(cluster, { seed, whole, say }) {
		const random = xoroshiro128plus(seed);
		const names = Object.keys(operations);
		const chosen = whole ? names : [names[uniformInt(random, 0, names.length - 1)]!];
		for (const name of chosen) {
			const operation = await operations[name]!(cluster);
			const kills = await killAtSteps(cluster, operation, () => whole || uniformFloat64(random) < sampledShare);
			say(`${name}: killed ${kills} times`);
			await hasEnded(cluster);
			// A restore is done once, and its key goes before the next operation.
			if (operation.change?.cluster && "restore" in (operation.change.cluster as object)) {
				await cluster.upSucceeds({ cluster: { restore: null } }, { refresh: true });
			}
		}
	},
};

/**
 * @param isChosen asked once for each step that begins or ends
 * @returns how often it was killed
 */
async function killAtSteps(cluster: ScenarioCluster, up: ScenarioUp, isChosen: () => boolean): Promise<number> {
	const seen = new Set<string>();
	const repaired = new Set<string>();
	for (let kills = 0; ; ) {
		let killing: Promise<void> | undefined;
		cluster.onStep = ({ urn, phase }: EngineStep) => {
			const point = `${phase} ${urn}`;
			if (killing || phase === "failed" || seen.has(point)) {
				return;
			}
			seen.add(point);
			if (isChosen()) {
				killing = cluster.rehearsal.kill("everything");
			}
		};
		const result = await cluster.up(up.change, { ...(up.secrets ? { secrets: up.secrets } : {}) });
		cluster.onStep = undefined;
		if (killing) {
			await killing;
			await release(cluster.rehearsal);
			kills += 1;
		} else if (result.succeeded) {
			return kills;
		} else {
			const complaint = complaints(result);
			const isNew = !repaired.has(complaint);
			repaired.add(complaint);
			assert.ok(isNew && (await repair(cluster, complaint)), `after ${kills} kills \`up\` failed: ${complaint}`);
		}
	}
}
