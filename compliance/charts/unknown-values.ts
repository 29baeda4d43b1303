/** Values that a chart accepts and ignores, because its schema does not refuse unknown keys. */
import { list } from "tar";
import { parse } from "yaml";

type Values = Readonly<Record<string, unknown>>;

/** The values that a package declares. */
interface KnownValues {
	/** Whether its own schema refuses every other key. */
	closed: boolean;
	/** Its values, with those of its subcharts under their names. */
	defaults: Values;
}

/**
 * @param file path of a package
 * @returns paths such as `controller.securityContext`; none for a chart whose schema is closed, because Helm validates that
 */
export async function unknownValues(values: Values, file: string): Promise<string[]> {
	const { closed, defaults } = await knownValues(file);
	return closed ? [] : undeclared(values, defaults);
}

async function knownValues(file: string): Promise<KnownValues> {
	const files = await read(file, /^(charts\/[^/]+\/)?values\.yaml$|^values\.schema\.json$/);
	const subcharts = [...files].flatMap(([path, content]) => {
		const [, name] = /^charts\/([^/]+)\//.exec(path) ?? [];
		return name ? [[name, content] as const] : [];
	});
	return {
		closed: isClosed(files.get("values.schema.json") ?? {}),
		defaults: merge(Object.fromEntries(subcharts), files.get("values.yaml") ?? {}),
	};
}

/** Whether the schema refuses unknown keys, by itself or by the schema to which it refers. */
function isClosed(schema: Values): boolean {
	const { $ref } = schema as { $ref?: string };
	const steps = $ref?.split("/").slice(1) ?? [];
	const root = steps.reduce<unknown>((part, step) => (isMap(part) ? part[step] : undefined), schema);
	return isMap(root) && root.additionalProperties === false;
}

/** Parsed content of files in a package, by path below the chart's folder. JSON is YAML. */
async function read(file: string, wanted: RegExp): Promise<Map<string, Values>> {
	const found: Promise<[string, Values]>[] = [];
	await list({
		file,
		onReadEntry(entry) {
			const path = entry.path.replace(/^[^/]+\//, "");
			if (wanted.test(path)) {
				found.push(entry.concat().then((content) => [path, parse(content.toString()) ?? {}]));
			}
		},
	});
	return new Map(await Promise.all(found));
}

/** As Helm merges a chart's values into those of its subcharts. */
function merge(under: Values, over: Values): Values {
	const merged: Record<string, unknown> = { ...under };
	for (const [key, value] of Object.entries(over)) {
		const below = merged[key];
		merged[key] = isMap(below) && isMap(value) ? merge(below, value) : value;
	}
	return merged;
}

/** Values that charts copy into a pod: any field of Kubernetes is allowed. */
const fieldsOfPods = ["affinity", "nodeSelector", "podSecurityContext", "resources", "securityContext"];

/** Paths of unknown keys. A value without members in the chart (`{}`, a list, nothing) accepts any. */
function undeclared(values: Values, defaults: Values, path: readonly string[] = []): string[] {
	return Object.entries(values).flatMap(([key, value]) => {
		const here = [...path, key];
		if (!(key in defaults)) {
			return [here.join(".")];
		}
		const own = defaults[key];
		const open = fieldsOfPods.includes(key) || !isMap(own) || Object.keys(own).length === 0;
		return isMap(value) && !open ? undeclared(value, own, here) : [];
	});
}

function isMap(value: unknown): value is Values {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
