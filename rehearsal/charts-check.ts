/** `npm run charts:check [-- FILE]`: whether the published charts accept the values that a stack file leads to. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stackSchema } from "../src/config/schema.ts";
import { readStackFile } from "../src/config/stack-file.ts";
import { checkCharts } from "./commands/check-charts.ts";
import { setUp } from "./setup/index.ts";
import { projectName } from "./stack/stack.ts";

const [path = "Pulumi.lab.yaml"] = process.argv.slice(2);
const project = projectName(join(import.meta.dirname, ".."));
const { values } = readStackFile(readFileSync(path, "utf8"), project);
// The rest of the file, checksums above all, may still be missing.
const stack = stackSchema
	.pick({ platform: true, nodes: true })
	.parse({ platform: values.platform, nodes: values.nodes });
const { version } = stackSchema.shape.cluster.pick({ version: true }).parse({ version: clusterVersion(values) });

const { binaries } = await setUp(console.log);
const checks = await checkCharts({ helm: join(binaries, "helm"), stack, kubernetes: version });
for (const { chart, version, repository, outcome, reason } of checks) {
	console.log(`${chart} ${version} (${repository}): ${outcome}`);
	if (reason !== "") {
		console.log(reason.replaceAll(/^/gm, "  "));
	}
}
const accepted = checks.filter(({ outcome }) => outcome === "accepted").length;
console.log(
	`${accepted} of ${checks.length} charts accept our values; nothing is known of those that were not reached.`,
);
process.exitCode = accepted === checks.length ? 0 : 1;

function clusterVersion({ cluster }: Record<string, unknown>): unknown {
	return (cluster as { version?: unknown } | undefined)?.version;
}
