/** `npm run charts:check [-- FILE]`: whether the published charts accept what a stack file leads to. */
import { join } from "node:path";
import { stackValues } from "../policies/commands/stack-values.ts";
import { parseStack } from "../src/config/parse.ts";
import { ConfigurationError } from "../src/config/problems.ts";
import { checkCharts } from "./commands/check-charts.ts";
import { setUp } from "./setup/index.ts";

const [path = "Pulumi.lab.yaml"] = process.argv.slice(2);
// The checksums of the first run may still be missing.
const { value: stack, problems } = parseStack(stackValues(path));

if (stack) {
	const { binaries } = await setUp(console.log);
	const checks = await checkCharts({ helm: join(binaries, "helm"), stack });
	for (const { chart, version, repository, outcome, reason } of checks) {
		console.log(`${chart} ${version} (${repository}): ${outcome}. ${reason}`);
	}
	const accepted = checks.filter(({ outcome }) => outcome === "accepted").length;
	console.log(`${accepted} of ${checks.length} published charts fit; nothing is known of those that were not reached.`);
	process.exitCode = accepted === checks.length ? 0 : 1;
} else {
	console.error(`${path}\n${new ConfigurationError(problems).message}`);
	process.exitCode = 1;
}
