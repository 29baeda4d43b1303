/** Reads a stack file without Pulumi, for commands. */
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

/** Mistakes and warnings of a stack file, as far as they are known without Pulumi. */
export interface Findings {
	problems: readonly Problem[];
	warnings: readonly Problem[];
	/** Keys with a value that only Pulumi can read, without the keys for secrets. */
	unread: readonly string[];
	/** Keys for secrets that the file has. */
	secrets: readonly string[];
	/** The stack; absent when the file has mistakes. */
	stack?: StackConfig | undefined;
}

/** @throws FileError when the file cannot be read */
export function findingsIn(path: string): Findings {
	try {
		const { values, problems, exposed, encrypted } = readFile(path);
		const stack = parseStack(values, { secrets: exposed });
		return {
			problems: [...problems, ...stack.problems],
			// The program itself omits the requirements of the policy pack, because a preview may run without the pack.
			warnings: stack.value ? [...warnings(stack.value), ...policyPackWarnings(stack.value)] : [],
			unread: encrypted.filter((key) => !isSecretKey(key)),
			secrets: encrypted.filter(isSecretKey),
			stack: stack.value,
		};
	} catch (error) {
		if (error instanceof ConfigurationError) {
			return { problems: error.problems, warnings: [], unread: [], secrets: [] };
		}
		throw error;
	}
}

/** A placeholder: only the administrator knows the digest, and no evaluation without Pulumi depends on it. */
const digest = "0".repeat(64);

/**
 * A stack file with placeholders for the two checksums when it has none: for commands that download neither the release nor
 * the image.
 *
 * @returns its plain values, by key without the project's name, and the parsed configuration
 * @throws FileError when the file cannot be read
 * @throws Error with every mistake of the file
 */
export function stackToEvaluate(path: string): { values: Record<string, unknown>; stack: StackConfig } {
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

/** The prefix of the program's keys in a stack file. */
export function projectName(): string {
	return String(parseDocument(readFileSync(new URL("../../Pulumi.yaml", import.meta.url), "utf8")).get("name"));
}

function readFile(path: string): StackFile {
	return readStackFile(stackFileText(readBytes(path)), projectName());
}

/** @param file origin of the values */
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
				message: "is encrypted, and only Pulumi can read it; this command needs the value in clear text.",
			},
		]);
	}
	return stack.value;
}

/** Adds the name of the file to its mistakes. */
function inFile<T>(path: string, read: () => T): T {
	try {
		return read();
	} catch (error) {
		throw error instanceof ConfigurationError ? new Error(`${path}\n${error.message}`, { cause: error }) : error;
	}
}
