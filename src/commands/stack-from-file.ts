/** For commands that read a stack file without Pulumi. */
import { readFileSync } from "node:fs";
import { parseDocument } from "yaml";
import { isSecretKey } from "../config/checks/exposed-secrets.ts";
import { policyPackWarnings } from "../config/checks/policy-pack.ts";
import { warnings } from "../config/checks/warnings.ts";
import { parseStack } from "../config/read/parse.ts";
import { ConfigurationError, type Problem } from "../config/read/problems.ts";
import { readStackFile, type StackFile } from "../config/read/stack-file.ts";
import { stackFileText } from "../config/read/stack-file-text.ts";
import type { StackConfig } from "../config/schema/stack.ts";
import { readBytes } from "./files.ts";

/**
 * @throws FileError when the file cannot be read
 * @throws Error with every mistake of the file
 */
export function stackFromFile(path: string): StackConfig {
	return inFile(path, () => {
		const file = readFile(path);
		return checked(file.values, file);
	});
}

/** What a stack file says, as far as it can be known without Pulumi. */
export interface Findings {
	problems: readonly Problem[];
	warnings: readonly Problem[];
	/** Keys with a value that only Pulumi can read, other than those that are for secrets. */
	unread: readonly string[];
	/** What the file says; absent where it has mistakes. */
	stack?: StackConfig | undefined;
}

/** @throws FileError when the file cannot be read */
export function findingsIn(path: string): Findings {
	try {
		const { values, problems, exposed, encrypted } = readFile(path);
		const stack = parseStack(values, { secrets: exposed });
		return {
			problems: [...problems, ...stack.problems],
			// The program leaves out what only the policy pack asks for: a preview without the pack has nothing to do with it.
			warnings: stack.value ? [...warnings(stack.value), ...policyPackWarnings(stack.value)] : [],
			unread: encrypted.filter((key) => !isSecretKey(key)),
			stack: stack.value,
		};
	} catch (error) {
		if (error instanceof ConfigurationError) {
			return { problems: error.problems, warnings: [], unread: [] };
		}
		throw error;
	}
}

/** What only an administrator can vouch for; nothing that is judged without Pulumi depends on which digest it is. */
const digest = "0".repeat(64);

/**
 * A stack file with stand-ins for the two checksums where they are not in it: for commands that download neither the
 * release nor the image.
 *
 * @returns its plain values, by key without the project's name, and the configuration that they are
 * @throws FileError when the file cannot be read
 * @throws Error with every mistake of the file
 */
export function stackToJudge(path: string): { values: Record<string, unknown>; stack: StackConfig } {
	return inFile(path, () => {
		const file = readFile(path);
		const complete = withDigests(file.values);
		return { values: complete, stack: checked(complete, file) };
	});
}

function withDigests(
	values: Record<string, unknown> & {
		cluster?: { artifacts?: { sha256?: string } };
		proxmox?: { image?: { sha256?: string } };
	},
): Record<string, unknown> {
	const { cluster, proxmox } = values;
	return {
		...values,
		...(cluster && { cluster: { ...cluster, artifacts: { sha256: digest, ...cluster.artifacts } } }),
		...(proxmox && { proxmox: { ...proxmox, image: { sha256: digest, ...proxmox.image } } }),
	};
}

/** What stands before the keys of the program in a stack file. */
export function projectName(): string {
	return String(parseDocument(readFileSync(new URL("../../Pulumi.yaml", import.meta.url), "utf8")).get("name"));
}

function readFile(path: string): StackFile {
	return readStackFile(stackFileText(readBytes(path)), projectName());
}

/** @param file what the values are from */
function checked(values: Record<string, unknown>, { problems, exposed, encrypted }: StackFile): StackConfig {
	const stack = parseStack(values, { secrets: exposed });
	const all = [...problems, ...stack.problems];
	if (all.length > 0) {
		throw new ConfigurationError(all);
	}
	if (!stack.value) {
		throw new ConfigurationError([
			{
				key: encrypted.join(", "),
				message: "is encrypted, and only Pulumi can read it; this command needs it in clear text.",
			},
		]);
	}
	return stack.value;
}

/** Names the file that has the mistakes. */
function inFile<T>(path: string, read: () => T): T {
	try {
		return read();
	} catch (error) {
		throw error instanceof ConfigurationError ? new Error(`${path}\n${error.message}`, { cause: error }) : error;
	}
}
