/** For commands that read a stack file without Pulumi. */
import { readFileSync } from "node:fs";
import { parseDocument } from "yaml";
import { type Parsed, parseStack } from "./config/parse.ts";
import type { StackConfig } from "./config/schema.ts";
import { readStackFile } from "./config/stack-file.ts";

/** @throws Error when the file cannot be read */
export function stackFromFile(path: string): Parsed<StackConfig> {
	const project = parseDocument(readFileSync(new URL("../Pulumi.yaml", import.meta.url), "utf8")).get("name");
	const file = readStackFile(readFileSync(path, "utf8"), String(project));
	const stack = parseStack(file.values);
	const problems = [...file.problems, ...stack.problems];
	return stack.value && problems.length === 0 ? { value: stack.value, problems: [] } : { value: undefined, problems };
}
