/** `npm run check -- FILE`: every mistake and warning of a stack file, without Pulumi, credentials or a network. */
import { parseArgs } from "node:util";
import { ConfigurationError } from "../config/read/problems.ts";
import { workstationMistakes } from "../workstation/checks.ts";
import { thisWorkstation } from "../workstation/workstation.ts";
import { onlyFile, progress, resultFor, runCommand, sayTo } from "./command.ts";
import { findingsIn } from "./stack-from-file.ts";

await runCommand("check", () => {
	const { values: options, positionals } = parseArgs({ options: { json: { type: "string" } }, allowPositionals: true });
	const path = onlyFile(positionals, "Pulumi.lab.yaml");
	const writeResult = resultFor(options.json);
	const say = sayTo(options.json);
	progress(`Checking ${path} ...`);
	const { problems, warnings, unread, stack } = findingsIn(path);
	writeResult({ file: path, ok: problems.length === 0, problems, warnings, unread });
	if (problems.length > 0) {
		throw new Error(`${path}\n${new ConfigurationError(problems).message}`);
	}
	say(`${path}: no mistake found.`);
	for (const { key, message } of warnings) {
		say(`Warning: ${key}: ${message}`);
	}
	for (const sentence of stack ? workstationMistakes(thisWorkstation(), stack) : []) {
		say(`Warning: an \`up\` from here would be refused: ${sentence}`);
	}
	for (const key of unread) {
		say(`Warning: ${key}: has encrypted values, which Pulumi alone can read; they were not checked.`);
	}
	return true;
});
