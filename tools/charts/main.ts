/** `npm run charts:check [-- --helm PATH] [FILE]`: whether the published charts accept what a stack file leads to. */
import { parseArgs } from "node:util";
import { onlyFile, runCommand } from "../../src/commands/command.ts";
import { stackToJudge } from "../../src/commands/stack-from-file.ts";
import { checkCharts } from "./check-charts.ts";

await runCommand("npm run charts:check -- [--helm PATH] [FILE]", async () => {
	const {
		values: { helm },
		positionals,
	} = parseArgs({ options: { helm: { type: "string", default: "helm" } }, allowPositionals: true });
	// The checksums of the first run may still be missing.
	const { stack } = stackToJudge(onlyFile(positionals, "Pulumi.lab.yaml"));
	const checks = await checkCharts({ helm, stack });
	for (const { chart, version, repository, outcome, reason } of checks) {
		console.log(`${chart} ${version} (${repository}): ${outcome}. ${reason}`);
	}
	const accepted = checks.filter(({ outcome }) => outcome === "accepted").length;
	console.log(`${accepted} of ${checks.length} published charts fit; nothing is known of those that were not reached.`);
	return accepted === checks.length;
});
