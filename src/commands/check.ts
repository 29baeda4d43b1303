/** `npm run check -- FILE`: every mistake and warning of a stack file, without Pulumi, credentials or a network. */
import { parseArgs } from "node:util";
import { policyPackWarnings } from "../config/checks/policy-pack.ts";
import { warnings } from "../config/warnings.ts";
import { onlyFile, runCommand } from "./command.ts";
import { stackFromFile } from "./stack-from-file.ts";

await runCommand("npm run check -- [FILE]", () => {
	const path = onlyFile(parseArgs({ allowPositionals: true }).positionals, "Pulumi.lab.yaml");
	const stack = stackFromFile(path);
	console.log(`${path}: no mistake found.`);
	for (const { key, message } of [...warnings(stack), ...policyPackWarnings(stack)]) {
		console.log(`Warning: ${key}: ${message}`);
	}
	return true;
});
