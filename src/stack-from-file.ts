/** For commands that read a stack file without Pulumi. */
import { readFileSync } from "node:fs";
import { parseDocument } from "yaml";
import { type Parsed, parseStack } from "./config/parse.ts";
import type { StackConfig } from "./config/schema.ts";
import { readStackFile, type StackFile } from "./config/stack-file.ts";

/** @throws Error when the file cannot be read */
export function stackFromFile(path: string): Parsed<StackConfig> {
	const file = readFile(path);
	const stack = parseStack(file.values);
	const problems = [...file.problems, ...stack.problems];
	return stack.value && problems.length === 0 ? { value: stack.value, problems: [] } : { value: undefined, problems };
}

/** What only an administrator can vouch for; nothing that is judged without Pulumi depends on which digest it is. */
const digest = "0".repeat(64);

/**
 * Values of a stack file, with stand-ins for the two checksums where they are not in it: for commands that download
 * neither the release nor the image.
 *
 * @throws Error when the file cannot be read
 */
export function stackValues(path: string): Record<string, unknown> {
	const { values } = readFile(path) as {
		values: Record<string, unknown> & {
			cluster?: { artifacts?: { sha256?: string } };
			proxmox?: { image?: { sha256?: string } };
		};
	};
	const { cluster, proxmox } = values;
	return {
		...values,
		...(cluster && { cluster: { ...cluster, artifacts: { sha256: digest, ...cluster.artifacts } } }),
		...(proxmox && { proxmox: { ...proxmox, image: { sha256: digest, ...proxmox.image } } }),
	};
}

function readFile(path: string): StackFile {
	const project = parseDocument(readFileSync(new URL("../Pulumi.yaml", import.meta.url), "utf8")).get("name");
	return readStackFile(readFileSync(path, "utf8"), String(project));
}
