import type { RehearsalResult } from "./result.ts";

/**
 * The printed summary of a rehearsal.
 * @param kept whether the datacenter keeps running on purpose
 */
export function summary(result: RehearsalResult, kept: boolean): string[] {
	return [
		...rows(result, kept).map(([label, text]) => `  ${label.padEnd(15)} ${text}`),
		"",
		...result.problems.map((problem) => `  problem: ${problem}`),
		result.ok ? "The rehearsal passed." : "The rehearsal FAILED.",
	];
}

/** The results by their name, for people. */
export function rows(result: RehearsalResult, kept: boolean): [label: string, text: string][] {
	const { preview, up, secondPreview, cluster, policies, leftovers } = result;
	return [
		["preview", `${preview.create} to create, ${preview.seconds.toFixed(1)} s`],
		["up", `${up.created} created, ${up.seconds.toFixed(1)} s`],
		["second preview", `${secondPreview.changes} changes, ${secondPreview.seconds.toFixed(1)} s`],
		["cluster", `${cluster.nodesReady} nodes Ready, ${cluster.etcdVoters} etcd voters, API at ${cluster.apiAddress}`],
		["releases", cluster.releases.map(({ name, version, status }) => `${name} ${version} ${status}`).join(", ")],
		["policies", `${policies.evaluated} resources, ${policies.violations} violations, ${policies.skipped} skipped`],
		[
			kept ? "running" : "left over",
			Object.entries(leftovers)
				.map(([kind, count]) => `${count} ${kind}`)
				.join(", "),
		],
		["peak memory", `${result.peakMemoryMiB} MiB`],
	];
}
