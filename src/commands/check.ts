/** `npm run check -- FILE`: every mistake and warning of a stack file, without Pulumi, credentials or a network. */
import { parseArgs } from "node:util";
import { ConfigurationError } from "../config/problems.ts";
import { onlyFile, runCommand } from "./command.ts";
import { findingsIn } from "./stack-from-file.ts";

await runCommand("npm run check -- [FILE]", () => {
	const path = onlyFile(parseArgs({ allowPositionals: true }).positionals, "Pulumi.lab.yaml");
	const { problems, warnings, unread } = findingsIn(path);
	if (problems.length > 0) {
		throw new Error(`${path}\n${new ConfigurationError(problems).message}`);
	}
	console.log(`${path}: no mistake found.`);
	for (const { key, message } of warnings) {
		console.log(`Warning: ${key}: ${message}`);
	}
	for (const key of unread) {
		console.log(`Warning: ${key}: has encrypted values, which Pulumi alone can read; they were not checked.`);
	}
	return true;
});
