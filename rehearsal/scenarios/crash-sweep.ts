import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { EngineStep } from "../engine/engine.ts";
import type { CallOptions } from "../options.ts";
import { complaints } from "../report/complaints.ts";
import type { Scenario } from "./scenario.ts";
import { release, repair } from "./support/after-a-kill.ts";
import { type ScenarioCluster, type ScenarioUp, secondServer, secondWorker } from "./support/cluster.ts";
import { hasEnded } from "./support/has-ended.ts";
import { differencesOf, portraitOf } from "./support/portrait.ts";

/** How many steps of the chosen operation a sample kills: about one of these. */
const sampledShare = 1 / 3;

/** An operation that is killed, between others that nobody disturbs. */
interface SweptOperation {
	/** Leads to an end that the killed one has to have too. Default: the end of the operation before. */
	model?: ScenarioUp;
	/** Leads away from that end. */
	away?: ScenarioUp;
	killed: ScenarioUp;
	/** Makes both ends comparable. */
	after?: ScenarioUp;
}

/** They run in this order, each on the cluster that the one before has left. */
const operations: Readonly<Record<string, (cluster: ScenarioCluster) => Promise<SweptOperation>>> = {
	"a setting of the servers": async (cluster) => {
		const { retention } = cluster.rehearsal.stack.cluster.etcdSnapshots;
		return {
			away: { change: cluster.changeOfServers() },
			killed: { change: { cluster: { etcdSnapshots: { retention } } } },
		};
	},
	"the replacement of a worker": async (cluster) => replacement(cluster, secondWorker, "node04"),
	"the replacement of a control plane": async (cluster) => replacement(cluster, secondServer, "node05"),
	"another server token": async ({ rehearsal }) => ({
		away: { secrets: { clusterToken: randomBytes(24).toString("hex") } },
		killed: { secrets: { clusterToken: rehearsal.secrets.clusterToken } },
	}),
	"another key for Secrets": async () => ({
		model: { change: { cluster: { secretsEncryptionKey: "one" } } },
		away: { change: { cluster: { secretsEncryptionKey: "another" } } },
		killed: { change: { cluster: { secretsEncryptionKey: "one" } } },
	}),
	"other certificates": async () => ({
		model: { change: { cluster: { certificateRotation: "one" } } },
		away: { change: { cluster: { certificateRotation: "another" } } },
		killed: { change: { cluster: { certificateRotation: "one" } } },
	}),
	"a restore": async (cluster) => ({
		model: { change: { cluster: { restore: await cluster.saveEtcd(secondServer) } } },
		killed: { change: { cluster: { restore: await cluster.saveEtcd(secondServer) } } },
		// A restore is done once, and its key goes before the next operation.
		after: { change: { cluster: { restore: null } } },
	}),
	// The last one: a node that is replaced afterwards would join with the newer release.
	"a patch of RKE2": async (cluster) => {
		const { version } = cluster;
		const newer = version.replace(/\d+(?=\+)/, (patch) => `${Number(patch) + 1}`);
		await cluster.rehearsal.offerRelease(newer);
		const upgrade = { change: { cluster: { version: newer } } };
		return { model: upgrade, away: { change: { cluster: { version } } }, killed: upgrade };
	},
};

function replacement(cluster: ScenarioCluster, node: string, host: string): SweptOperation {
	const move = (to: string) => ({ change: { nodes: { [node]: { host: to } } } });
	return { away: move(host), killed: move(cluster.hostOf(node)) };
}

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
		const problems: string[] = [];
		for (const name of chosen) {
			const { model, away, killed, after } = await operations[name]!(cluster);
			if (model) {
				await undisturbed(cluster, model);
				await undisturbed(cluster, after, { refresh: true });
			}
			const expected = await portraitOf(cluster);
			await undisturbed(cluster, away);
			const began = Date.now();
			const kills = await killAtSteps(cluster, killed, () => whole || uniformFloat64(random) < sampledShare);
			say(`${name}: killed ${kills} times in ${Math.round((Date.now() - began) / 1000)} s`);
			await hasEnded(cluster);
			await undisturbed(cluster, after, { refresh: true });
			const differences = differencesOf(expected, await portraitOf(cluster));
			if (differences.length > 0) {
				say(`${name}: another end than an undisturbed one\n  ${differences.join("\n  ")}`);
				problems.push(name);
			}
		}
		assert.deepEqual(
			problems,
			[],
			"killed operations have another end than undisturbed ones; the lines above say where",
		);
	},
};

async function undisturbed(cluster: ScenarioCluster, up: ScenarioUp | undefined, options?: CallOptions): Promise<void> {
	if (up) {
		await cluster.upSucceeds(up.change, { ...options, ...(up.secrets && { secrets: up.secrets }) });
		await cluster.becomesHealthy();
	}
}

/**
 * @param isChosen asked once for each step that begins or ends, but for those that change nothing
 * @returns how often it was killed
 */
async function killAtSteps(cluster: ScenarioCluster, up: ScenarioUp, isChosen: () => boolean): Promise<number> {
	const seen = new Set<string>();
	const repaired = new Set<string>();
	for (let kills = 0; ; ) {
		let killing: Promise<void> | undefined;
		cluster.onStep = ({ urn, phase, operation }: EngineStep) => {
			const point = `${phase} ${urn}`;
			if (killing || operation === "same" || phase === "failed" || seen.has(point)) {
				return;
			}
			seen.add(point);
			if (isChosen()) {
				killing = cluster.rehearsal.kill("everything");
			}
		};
		const result = await cluster.up(up.change, up.secrets ? { secrets: up.secrets } : {});
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
