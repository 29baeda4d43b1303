/** `npm run check -- FILE`: every mistake and warning of a stack file, without Pulumi, credentials or a network. */
import { readFileSync } from "node:fs";
import { parseDocument } from "yaml";
import { capacityWarnings } from "./config/checks/capacity.ts";
import { parseStack } from "./config/parse.ts";
import { ConfigurationError } from "./config/problems.ts";
import { readStackFile } from "./config/stack-file.ts";

const [path = "Pulumi.lab.yaml"] = process.argv.slice(2);
const project = parseDocument(readFileSync(new URL("../Pulumi.yaml", import.meta.url), "utf8")).get("name");
const file = readStackFile(readFileSync(path, "utf8"), String(project));
const stack = parseStack(file.values);
const problems = [...file.problems, ...stack.problems];

if (problems.length > 0) {
	console.error(`${path}\n${new ConfigurationError(problems).message}`);
	process.exitCode = 1;
} else {
	console.log(`${path}: no mistake found.`);
}
for (const { key, message } of stack.value ? capacityWarnings(stack.value) : []) {
	console.log(`Warning: ${key}: ${message}`);
}
