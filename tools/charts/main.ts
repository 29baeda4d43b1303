/** `npm run charts:check [-- --helm PATH] [FILE]`: whether the published charts accept what a stack file leads to. */
import { parseArgs } from "node:util";
import { parseStack } from "../../src/config/parse.ts";
import { ConfigurationError } from "../../src/config/problems.ts";
import { stackValues } from "../../src/stack-from-file.ts";
import { checkCharts } from "./check-charts.ts";

const {
	values: { helm },
	positionals: [path = "Pulumi.lab.yaml"],
} = parseArgs({ options: { helm: { type: "string", default: "helm" } }, allowPositionals: true });
// The checksums of the first run may still be missing.
const { value: stack, problems } = parseStack(stackValues(path));

if (stack) {
	const checks = await checkCharts({ helm, stack });
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
