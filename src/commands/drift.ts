/**
 * `npm run drift -- [--record] [--json FILE] [STACK]`: compares the files on the nodes with those that the program wrote there. It
 * reads the state of Pulumi, and changes nothing on a node. With `--record` it marks in the state what differs, and the next `up`
 * writes it again.
 */
import { parseArgs } from "node:util";
import { driftOf, type NodeDrift } from "../drift/compare.ts";
import { recordDrift, sentenceAbout } from "../drift/record.ts";
import { recordedNodes } from "../drift/recorded-node.ts";
import type { Exported } from "../state/exported.ts";
import { pulumi } from "../state/pulumi.ts";
import { progress, resultFor, runCommand, sayTo, UsageError } from "./command.ts";

await runCommand("drift", async () => {
	const { values, positionals } = parseArgs({
		options: { record: { type: "boolean", default: false }, json: { type: "string" } },
		allowPositionals: true,
	});
	const [name = "lab", ...others] = positionals;
	if (others.length > 0) {
		throw new UsageError(`One stack at a time, found ${[name, ...others].join(", ")}`);
	}
	const writeResult = resultFor(values.json);
	const say = sayTo(values.json);
	progress(`Reading the state of ${name} ...`);
	const exported: Exported = JSON.parse(await pulumi(["stack", "export", "--show-secrets", "--stack", name]));
	const nodes = recordedNodes(exported);
	progress(`Comparing the files of ${nodes.length} nodes ...`);
	const found = await Promise.all(nodes.map(driftOf));

	const failures = found.filter(({ failure }) => failure !== undefined);
	const differing = found.filter(({ files, unfinished }) => unfinished || files.length > 0);
	for (const drift of differing) {
		for (const sentence of sentencesOf(drift)) {
			say(sentence);
		}
	}
	for (const { node, failure } of failures) {
		console.error(`${node}: its files cannot be read: ${failure!.replace(/\.?$/, ".")}`);
	}
	const records = values.record && differing.length > 0;
	if (records) {
		progress("Writing the state ...");
		for (const [index, node] of nodes.entries()) {
			recordDrift(node, found[index]!);
		}
		await pulumi(["stack", "import", "--stack", name], JSON.stringify(exported));
	}
	say(summary(found, records));
	const ok = failures.length === 0 && (records || differing.length === 0);
	writeResult({ ok, recorded: records, nodes: found });
	return ok;
});

function sentencesOf({ node, files, unfinished }: NodeDrift): string[] {
	return [
		...files.map((file) => `${node}: ${sentenceAbout(file)}.`),
		...(unfinished ? [`${node}: the last convergence of this node has not ended.`] : []),
	];
}

function summary(found: readonly NodeDrift[], recorded: boolean): string {
	const asked = found.filter(({ failure }) => failure === undefined);
	const differing = asked.filter(({ files, unfinished }) => unfinished || files.length > 0);
	const all = asked.length === 1 ? "1 node" : `${asked.length} nodes`;
	if (differing.length === 0) {
		return `The files of ${all} are as the program wrote them.`;
	}
	const nodes = `${differing.length} of ${all}`;
	return recorded
		? `Recorded for ${nodes}. \`pulumi preview\` shows what the next \`up\` writes again, and which nodes restart.`
		: `${nodes} differ. \`npm run drift -- --record\` makes the next \`up\` write these files again.`;
}
