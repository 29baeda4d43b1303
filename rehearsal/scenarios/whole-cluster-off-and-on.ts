import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Scenario } from "./scenario.ts";
import { firstWorker, secondServer, servers, workers } from "./support/cluster.ts";

/** Long enough for a machine to begin its boot, and too short for its end. */
const duringBoot = 2;

export const wholeClusterOffAndOn: Scenario = {
	name: "whole-cluster-off-and-on",
	description:
		"Every machine loses power, and two lose it again while they boot: the cluster comes back by itself with its objects, and `up` changes nothing.",
	outage: "allowed",

	async run(cluster) {
		const { rehearsal } = cluster;
		await rehearsal.kubectl("create", "configmap", "written-before", "--namespace", "default", "--from-literal=a=b");
		const all = [...servers, ...workers];
		await Promise.all(all.map((node) => cluster.power(node, "stop")));
		await Promise.all(all.map((node) => cluster.power(node, "start")));
		await sleep(duringBoot * 1000);
		for (const node of [secondServer, firstWorker]) {
			await cluster.power(node, "stop");
			await cluster.power(node, "start");
		}
		await cluster.becomesHealthy();
		const read = ["get", "configmap", "written-before", "--namespace", "default", "--output", "jsonpath={.data.a}"];
		assert.equal(await rehearsal.kubectl(...read), "b");
		await rehearsal.kubectl("delete", "configmap", "written-before", "--namespace", "default");
		const before = await cluster.processes();
		await cluster.upSucceeds();
		await cluster.restartedSince(before, []);
	},
};
