/** Reads the text of a Pulumi stack file as Pulumi does: for checks in CI and for the rehearsal. */
import { isSecretKey, secretsInClearText } from "../checks/exposed-secrets.ts";
import { closest } from "../formats/suggestions.ts";
import { type ConfigKey, configKey, fromConfigText, misplacedKeys } from "./config-keys.ts";
import { ConfigurationError, type Problem } from "./problems.ts";
import { readPulumiYaml } from "./pulumi-yaml.ts";
import { encrypted } from "./readable.ts";

export interface StackFile {
	/** Values by key, without the project's name; {@link encrypted} in the place of encrypted values. */
	values: Record<string, unknown>;
	/** Keys with an encrypted value (`secure:`) in them, which only Pulumi can read. */
	encrypted: string[];
	/** Secrets in clear text, for `parseStack`. */
	exposed: string[];
	/** Duplicate keys, values that Pulumi reads differently, secrets in clear text, keys of another project. */
	problems: Problem[];
}

/** https://www.pulumi.com/docs/iac/concepts/projects/stack-settings-file/ */
const topLevel = ["config", "environment", "encryptionsalt", "encryptedkey", "secretsprovider"];

/** @throws ConfigurationError with one sentence when the text is not a stack file of the project */
export function readStackFile(text: string, project: string): StackFile {
	const { value, problems } = readPulumiYaml(text);
	const entries = Object.entries(configOf(value, project)).map(([name, value]) => ({
		name,
		key: configKey(name, project),
		value,
	}));
	const own = entries.flatMap(({ key, value }): [string, unknown][] =>
		key?.namespace === project ? [[key.name, value]] : [],
	);
	if (own.length === 0) {
		throw refusal(`has no key of the project ${project} under config${found(entries.map(({ name }) => name))}.`);
	}
	const secrets = own.filter(([key]) => isSecretKey(key));
	const inClearText = secrets.filter(([, value]) => !isEncrypted(value));
	const values = own
		.filter(([key]) => !isSecretKey(key))
		.map(([key, value]): [string, unknown] => [key, asProgramGets(value)]);
	return {
		values: Object.fromEntries(values),
		encrypted: own.filter(([, value]) => holdsEncrypted(value)).map(([key]) => key),
		exposed: inClearText.map(([, value]) => String(value)),
		problems: [
			...problems.map(({ key, message }) => ({ key: withoutProject(key, project), message })),
			...besideConfig(value as object, project),
			...entries.filter(({ key }) => !key).map(({ name }) => ({ key: name, message: "has one colon too many." })),
			...repeated(own.map(([key]) => key)),
			...misplacedKeys(
				entries.map(({ key }) => key).filter((key): key is ConfigKey => key !== undefined),
				project,
			),
			...secretsInClearText(inClearText.map(([key]) => key)),
		],
	};
}

function configOf(value: unknown, project: string): object {
	if (value === null || value === undefined) {
		throw refusal("is empty.");
	}
	if (typeof value !== "object" || Array.isArray(value)) {
		throw refusal("is not a Pulumi stack file, which is a map with the key config.");
	}
	const { config } = value as { config?: unknown };
	if (config === undefined && !Object.keys(value).some((key) => topLevel.includes(key))) {
		const [beside] = besideConfig(value, project);
		const hint = beside ? `; ${beside.key} ${beside.message}` : `${found(Object.keys(value))}.`;
		throw refusal(`is not a Pulumi stack file: it has no key config${hint}`);
	}
	if (typeof config !== "object" && config !== undefined) {
		throw refusal("has a config that is not a map.");
	}
	if (Array.isArray(config)) {
		throw refusal("has a config that is not a map.");
	}
	return config ?? {};
}

/** Any other name is allowed there, for anchors; a key of the project is a mistake. */
function besideConfig(file: object, project: string): Problem[] {
	return Object.keys(file)
		.filter((name) => !topLevel.includes(name))
		.flatMap((name) => {
			const meant = closest(name, topLevel);
			if (meant) {
				return [{ key: name, message: `is not a key of a stack file; did you mean ${meant}?` }];
			}
			return name.startsWith(`${project}:`)
				? [{ key: name, message: "is beside config; indent it by two more spaces, so that it is under config." }]
				: [];
		});
}

/** For Pulumi a key with and without the namespace is the same, and it takes either of the two. */
function repeated(names: readonly string[]): Problem[] {
	return names
		.filter((name, index) => names.indexOf(name) < index)
		.map((key) => ({ key, message: "is there twice, with the project's name and without it; keep one of them." }));
}

/** The value as the program gets it. */
function asProgramGets(value: unknown): unknown {
	if (typeof value === "object" && value !== null) {
		return withoutCiphertext(value);
	}
	return fromConfigText(value === null ? "" : String(value));
}

function withoutCiphertext(value: unknown): unknown {
	if (isEncrypted(value)) {
		return encrypted;
	}
	if (Array.isArray(value)) {
		return value.map(withoutCiphertext);
	}
	return typeof value === "object" && value !== null
		? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withoutCiphertext(inner)]))
		: value;
}

/** Pulumi decrypts exactly this form; a map with a second key or another type is an ordinary value. */
export function isEncrypted(value: unknown): boolean {
	return (
		typeof value === "object" &&
		value !== null &&
		Object.keys(value).length === 1 &&
		typeof Reflect.get(value, "secure") === "string"
	);
}

/** Whether an encrypted value is in it, at any depth. */
export function holdsEncrypted(value: unknown): boolean {
	return (
		isEncrypted(value) || (typeof value === "object" && value !== null && Object.values(value).some(holdsEncrypted))
	);
}

/** The key as the rest of the program names it. */
function withoutProject(key: string, project: string): string {
	return key.replace(/^config\./, "").replace(`${project}:`, "");
}

function found(names: readonly string[]): string {
	return names.length === 0 ? "" : `; found ${names.slice(0, 5).join(", ")}${names.length > 5 ? ", ..." : ""}`;
}

function refusal(message: string): ConfigurationError {
	return new ConfigurationError([{ key: "stack file", message }]);
}
