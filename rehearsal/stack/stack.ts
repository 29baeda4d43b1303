/** The stack of a rehearsal: the stack file with the overlay and the changes of a scenario. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { apply as mergePatch } from "tiny-merge-patch";
import { parseDocument } from "yaml";
import { parseStack } from "../../src/config/read/parse.ts";
import { ConfigurationError } from "../../src/config/read/problems.ts";
import { readStackFile } from "../../src/config/read/stack-file.ts";
import type { StackConfig } from "../../src/config/schema/stack.ts";
import type { ConfigValue } from "../engine/engine.ts";
import type { Overlay } from "./overlay.ts";

/** Name of the Pulumi project in `directory`. */
export function projectName(directory: string): string {
	return String(parseDocument(readFileSync(join(directory, "Pulumi.yaml"), "utf8")).get("name"));
}

/**
 * Values of a stack file.
 *
 * @param file path in the directory
 */
export function stackValues(directory: string, stack: string, file = `Pulumi.${stack}.yaml`): Record<string, unknown> {
	const text = readFileSync(join(directory, file), "utf8");
	const { values, problems } = readStackFile(text, projectName(directory));
	if (problems.length > 0) {
		throw new ConfigurationError(problems);
	}
	return values;
}

/** The values without the ways to the nodes that the datacenter of a rehearsal does not have: NAT, a VPN, a bastion. */
export function withDirectSsh(values: Record<string, unknown>): Record<string, unknown> {
	return mergePatch(values, { ssh: { addresses: null, bastion: null } }) as Record<string, unknown>;
}

/** @throws ConfigurationError when the stack with the overlay is not a valid one */
export function resolveStack(values: Record<string, unknown>, patch: Record<string, unknown>): StackConfig {
	const { value, problems } = parseStack(mergePatch(values, patch) as Record<string, unknown>);
	if (!value) {
		throw new ConfigurationError(problems);
	}
	return value;
}

/** The configuration for Pulumi. */
export function engineConfig(
	project: string,
	values: Record<string, unknown>,
	overlay: Overlay,
): Record<string, ConfigValue> {
	const plain = Object.entries(mergePatch(values, overlay.values) as Record<string, unknown>).map(
		([key, value]): [string, ConfigValue] => [`${project}:${key}`, { value: JSON.stringify(value), secret: false }],
	);
	const secret = Object.entries(overlay.secrets).map(([key, value]): [string, ConfigValue] => [
		`${project}:${key}`,
		{ value, secret: true },
	]);
	return Object.fromEntries([...plain, ...secret]);
}
