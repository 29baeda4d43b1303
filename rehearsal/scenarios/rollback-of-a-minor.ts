import assert from "node:assert/strict";
import { parseVersion } from "../../src/rke2/version.ts";
import { messages } from "../report/complaints.ts";
import type { Scenario } from "./scenario.ts";
import { type ScenarioCluster, servers, workers } from "./support/cluster.ts";

export const rollbackOfAMinor: Scenario = {
	name: "rollback-of-a-minor",
	description:
		"RKE2 goes to the next minor and back with the snapshot of before, killed in the middle: the marker of before is there, the later one gone.",
	outage: "allowed",

	async run(cluster) {
		const { rehearsal } = cluster;
		const older = cluster.version;
		const { major, minor } = parseVersion(older);
		const newer = `v${major}.${minor + 1}.0+rke2r1`;
		await rehearsal.offerRelease(newer);
		await rehearsal.kubectl("create", "configmap", "before-the-upgrade");
		const [first, second] = snapshotsIn(messages(await cluster.upSucceeds({ cluster: { version: newer } })));
		await reports(cluster, newer);
		await rehearsal.kubectl("create", "configmap", "after-the-upgrade");
		const running = await cluster.processes();

		await cluster.previewFails(
			{ cluster: { version: older } },
			/is an older minor .*; name a snapshot of 1\.\d+ in cluster\.restore too/,
		);
		const skipping = { version: `v${major}.${minor - 1}.0+rke2r1`, restore: first };
		await cluster.previewFails(
			{ cluster: skipping },
			/is 2 minors older than .* and a rollback goes to the minor before only/,
		);
		// The second server was saved when the first one had the newer minor.
		assert.match(
			await cluster.upFails({ cluster: { version: older, restore: second } }),
			new RegExp(
				`is of ${escaped(newer)}, a newer minor than cluster\\.version .*, which cannot read it; nothing was changed`,
			),
		);
		await cluster.restartedSince(running, []);

		const restoring = cluster.says(/restoring the snapshot/);
		const killed = cluster.up({ cluster: { version: older, restore: first } });
		await restoring;
		await rehearsal.kill("everything");
		assert.equal((await killed).succeeded, false);
		await rehearsal.cancel();
		await cluster.upSucceeds();
		await reports(cluster, older);
		const found = await rehearsal.kubectl("get", "configmaps", "--output", "name");
		assert.match(found, /before-the-upgrade/);
		assert.doesNotMatch(found, /after-the-upgrade/);
		await cluster.upSucceeds({ cluster: { restore: null } }, { refresh: true });
	},
};

/** The snapshots that `up` took before it changed the servers, in this order, as `cluster.restore` names them. */
function snapshotsIn(text: string): [object, object] {
	const found = [...text.matchAll(/^(\S+): converge: the state before this change is the snapshot (\S+) /gm)];
	assert.deepEqual(
		found.map(([, server]) => server),
		servers,
	);
	return found.map(([, server, snapshot]) => ({ server, snapshot })) as [object, object];
}

async function reports(cluster: ScenarioCluster, version: string): Promise<void> {
	const expected = [...servers, ...workers].map((node) => [node, version]);
	assert.deepEqual(await cluster.kubelets(), Object.fromEntries(expected));
}

function escaped(version: string): string {
	return version.replaceAll(/[.+]/g, "\\$&");
}
