/** The text of a Pulumi stack file, read without Pulumi: for checks in CI, for editors, for the rehearsal. */
import { type Document, isMap, isPair, isScalar, type Node, parseDocument } from "yaml";
import { isSecretKey, secretsInClearText } from "./exposed-secrets.ts";
import { ConfigurationError, type Problem } from "./problems.ts";
import { yamlMistake } from "./yaml-mistake.ts";

export interface StackFile {
	/** Plain values by key, without the project's name in front. */
	values: Record<string, unknown>;
	/** Keys whose value is encrypted (`secure:`); it can be neither read nor checked here. */
	encrypted: string[];
	/** Secrets that stand in clear text, for {@link parseStack}. */
	exposed: string[];
	/** Keys that the text says twice, and secrets in clear text. */
	problems: Problem[];
}

/** @throws ConfigurationError when the text is not YAML */
export function readStackFile(text: string, project: string): StackFile {
	// Duplicates are looked for by hand, because the parser names a line and the user thinks in keys.
	const document = parseDocument(text, { uniqueKeys: false });
	if (document.errors.length > 0) {
		throw new ConfigurationError(document.errors.map(notYaml));
	}
	const prefix = `${project}:`;
	const problems = duplicates(document.contents, []).map((path) => ({
		key: path
			.filter((part, depth) => !(depth === 0 && part === "config"))
			.join(".")
			.replace(prefix, ""),
		message: "is said twice; every name may appear once.",
	}));
	const config = configOf(document);
	const own = Object.entries(config)
		.filter(([key]) => key.startsWith(prefix))
		.map(([key, value]): [string, unknown] => [key.slice(prefix.length), value]);
	const secrets = own.filter(([key]) => isSecretKey(key));
	const inClearText = secrets.filter(([, value]) => !isEncrypted(value));
	return {
		values: Object.fromEntries(own.filter(([key]) => !isSecretKey(key))),
		encrypted: secrets.filter(([, value]) => isEncrypted(value)).map(([key]) => key),
		exposed: inClearText.map(([, value]) => String(value)),
		problems: [...problems, ...secretsInClearText(inClearText.map(([key]) => key))],
	};
}

function isEncrypted(value: unknown): boolean {
	return typeof value === "object" && value !== null && "secure" in value && typeof value.secure === "string";
}

function configOf(document: Document): Record<string, unknown> {
	try {
		return document.toJS()?.config ?? {};
	} catch (error) {
		// An alias of nothing.
		throw new ConfigurationError([notYaml(error as Error)]);
	}
}

function notYaml(error: Error): Problem {
	return { key: "stack file", message: `is not YAML: ${yamlMistake(error)}.` };
}

function duplicates(node: Node | null, path: string[]): string[][] {
	if (!isMap(node)) {
		return [];
	}
	const seen = new Set<string>();
	return node.items.filter(isPair).flatMap(({ key, value }) => {
		const name = isScalar(key) ? String(key.value) : String(key);
		const here = [...path, name];
		const repeated = seen.has(name);
		seen.add(name);
		return [...(repeated ? [here] : []), ...duplicates(value as Node | null, here)];
	});
}
