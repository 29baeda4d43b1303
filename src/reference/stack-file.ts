/** The schema for editors (docs/stack.schema.json) and for people (docs/configuration.md). */
import { z } from "zod";
import { secretsSchema, stackSchema } from "../config/schema/stack.ts";

interface JsonSchema {
	type?: string;
	description?: string;
	default?: unknown;
	enum?: unknown[];
	anyOf?: JsonSchema[];
	properties?: Record<string, JsonSchema>;
	additionalProperties?: JsonSchema | boolean;
	required?: string[];
	items?: JsonSchema;
}

/** JSON schema of a whole Pulumi stack file, for `yaml-language-server`. */
export function stackFileSchema(project: string): object {
	const { properties = {}, required = [] } = inputSchema(stackSchema);
	const secrets = inputSchema(secretsSchema).properties ?? {};
	const encrypted = { type: "object", required: ["secure"], properties: { secure: { type: "string" } } };
	return {
		$schema: "https://json-schema.org/draft/2020-12/schema",
		title: `Stack file of ${project}`,
		type: "object",
		properties: {
			config: {
				type: "object",
				properties: Object.fromEntries([
					...Object.entries(properties).map(([key, value]) => [`${project}:${key}`, value]),
					...Object.entries(secrets).map(([key, { description }]) => [
						`${project}:${key}`,
						{ ...encrypted, description },
					]),
				]),
				required: required.map((key) => `${project}:${key}`),
			},
		},
		required: ["config"],
	};
}

/** Reference of every key in Markdown. */
export function reference(project: string): string {
	const rows = (schema: JsonSchema) => [
		"| Key | Value | Default | Meaning |",
		"|---|---|---|---|",
		...keys(schema, "", true).map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`),
	];
	return [
		"# The stack file",
		"",
		"Written by `npm run docs` from `src/config/schema/stack.ts`; a test fails when it is out of date.",
		"",
		`Every key is under \`config:\` as \`${project}:<key>\`. \`npm run check -- Pulumi.lab.yaml\` reports every mistake of a file at once.`,
		"",
		...rows(inputSchema(stackSchema)),
		"",
		"## Secrets",
		"",
		"Set with `pulumi config set --secret <key>`; they are encrypted in the stack file.",
		"",
		...rows(inputSchema(secretsSchema)),
		"",
	].join("\n");
}

function inputSchema(schema: z.ZodType): JsonSchema {
	// Checks in code, such as those of addresses, have no JSON schema; the description or the error message explains them.
	return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema;
}

function keys(schema: JsonSchema, path: string, required: boolean): string[][] {
	const own =
		path === "" || (schema.properties && !schema.description)
			? []
			: [[`\`${path}\``, kind(schema), fallback(schema, required), schema.description ?? ""]];
	const prefix = path === "" ? "" : `${path}.`;
	const named = Object.entries(schema.properties ?? {}).flatMap(([key, value]) =>
		keys(value, `${prefix}${key}`, schema.required?.includes(key) ?? false),
	);
	const each = schema.additionalProperties;
	return [
		...own,
		...named,
		...(typeof each === "object" && each.properties ? keys(each, `${prefix}<name>`, true) : []),
		...(schema.items?.properties ? keys(schema.items, `${path}[]`, true) : []),
	];
}

function kind(schema: JsonSchema): string {
	if (schema.enum) {
		return schema.enum.map((value) => `\`${value}\``).join(", ");
	}
	if (schema.anyOf) {
		return [...new Set(schema.anyOf.map(kind))].join(" or ");
	}
	if (schema.items) {
		return `list of ${kind(schema.items)}`;
	}
	return schema.type === "object" ? "map" : (schema.type ?? "");
}

function fallback(schema: JsonSchema, required: boolean): string {
	if (schema.default !== undefined) {
		return `\`${JSON.stringify(schema.default)}\``;
	}
	return required ? "required" : "none";
}
