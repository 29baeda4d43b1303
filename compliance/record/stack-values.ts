/** Values that the schema of a stack file accepts, key by key. */
import fc from "fast-check";
import { z } from "zod";
import { bareSchema } from "../../src/config/read/readable.ts";

export type Values = Record<string, unknown>;

/** A key of a stack file, and the values that the schema accepts there. */
export interface Place {
	path: readonly string[];
	schema: z.core.$ZodType;
}

/** Texts of forms without a regular expression; a key takes those that the schema of a key accepts. */
export const texts = [
	...["10.25.20.40", "10.25.20.200", "10.25.30.7", "192.168.4.9", "172.20.0.1"],
	...["10.25.20.0/24", "10.25.30.0/24", "192.168.0.0/16", "10.44.0.0/16", "172.31.4.0/22"],
	...["10.25.20.210-10.25.20.220", "10.25.30.10-10.25.30.20"],
	...["0 */4 * * *", "30 2 * * *", "@hourly", "daily", "mon..fri 02:00", "02:30"],
	...["https://mirror.lab.internal/charts", "http://proxy.lab.internal:3128/", "https://login.lab.internal/"],
	...["ops@radioastronomy.io", "radioastronomy.io", "api.k8s.radioastronomy.io", "registry.lab.internal:5000"],
	...["node04", "proj-k8sw01", "ollama", "openwebui", "rtx-a4000", "nfs", "vm.max_map_count"],
	...["v1.34.5+rke2r2", "v1.35.2+rke2r1", "v1.2.4", "41.3.2", "v1.21.3", "26.7.1"],
	...["128Mi", "2Gi", "250m", "rack=a:NoSchedule", "zfs-data", "A text of some words", "fedcba9876543210".repeat(4)],
	...[
		"registry.lab.internal/busybox:1.37.0",
		`registry.lab.internal/vectoradd:12@sha256:${"fedcba9876543210".repeat(4)}`,
	],
];

/** Every key that a stack file has or may have. */
export function places(schema: z.core.$ZodType, values: unknown, path: readonly string[]): Place[] {
	const kind = bareSchema(schema);
	const members: [string, z.core.$ZodType][] =
		kind instanceof z.ZodObject
			? Object.entries<z.core.$ZodType>(kind.shape)
			: kind instanceof z.ZodRecord
				? Object.keys((values as object | undefined) ?? {}).map((name) => [name, kind.valueType])
				: [];
	const inner = members.flatMap(([name, member]) =>
		places(member, (values as Values | undefined)?.[name], [...path, name]),
	);
	return path.length === 0 || kind instanceof z.ZodObject ? inner : [{ path, schema }, ...inner];
}

export function isPresent(values: unknown, path: readonly string[]): boolean {
	return path.reduce((value, name) => (value as Values | undefined)?.[name], values) !== undefined;
}

export function put(values: Values, [name = "", ...rest]: readonly string[], value: unknown): Values {
	if (rest.length > 0) {
		return { ...values, [name]: put((values[name] as Values | undefined) ?? {}, rest, value) };
	}
	const { [name]: _, ...others } = values;
	return value === undefined ? others : { ...others, [name]: value };
}

const arbitraries = new WeakMap<z.core.$ZodType, fc.Arbitrary<unknown>>();

export function valid(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
	const arbitrary = arbitraries.get(schema) ?? optional(schema);
	arbitraries.set(schema, arbitrary);
	return arbitrary;
}

function optional(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
	const accepted = (value: unknown) => z.safeParse(schema, value).success;
	const arbitrary = formed(bareSchema(schema));
	return accepted(undefined) ? fc.option(arbitrary, { nil: undefined, freq: 4 }) : arbitrary;
}

function formed(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
	const accepted = (value: unknown) => z.safeParse(schema, value).success;
	if (schema instanceof z.ZodObject) {
		const members = Object.entries<z.core.$ZodType>(schema.shape).map(([name, member]) => [name, valid(member)]);
		return fc
			.record(Object.fromEntries(members) as Record<string, fc.Arbitrary<unknown>>)
			.map((value) => JSON.parse(JSON.stringify(value)));
	}
	if (schema instanceof z.ZodArray) {
		return fc.uniqueArray(formed(bareSchema(schema.element)), {
			maxLength: 3,
			selector: (item) => JSON.stringify(item),
		});
	}
	if (schema instanceof z.ZodRecord) {
		return fc.dictionary(
			formed(bareSchema(schema.keyType)) as fc.Arbitrary<string>,
			formed(bareSchema(schema.valueType)),
			{ maxKeys: 2 },
		);
	}
	if (schema instanceof z.ZodUnion) {
		return fc.oneof(...schema.options.map((option) => formed(bareSchema(option))));
	}
	const {
		type,
		enum: values,
		const: value,
		minimum = -1000,
		maximum = 100_000,
		pattern,
	} = z.toJSONSchema(schema, {
		io: "input",
		unrepresentable: "any",
	}) as { type?: string; enum?: unknown[]; const?: unknown; minimum?: number; maximum?: number; pattern?: string };
	if (values ?? value !== undefined) {
		return fc.constantFrom(...(values ?? [value]));
	}
	if (type === "boolean") {
		return fc.boolean();
	}
	if (type === "integer" || type === "number") {
		const [least, most] = [Math.max(minimum, -1000), Math.min(maximum, 100_000)];
		return fc.integer({ min: least, max: Math.max(least, most) });
	}
	const fitting = texts.filter(accepted);
	const known = fitting.length > 0 ? [fc.constantFrom(...fitting)] : [];
	// fast-check knows no lookahead.
	if (pattern === undefined || pattern.includes("(?!")) {
		return fc.oneof(...known, ...(known.length === 0 || accepted("a text") ? [fc.constant("a text")] : []));
	}
	const matching = fc.stringMatching(new RegExp(pattern), { size: "small" });
	// A form that mostly has values which another condition refuses has those of the list.
	const often = fc.sample(matching, { seed: 1, numRuns: 20 }).filter(accepted).length > 10;
	return fc.oneof(...known, ...(often || known.length === 0 ? [often ? matching.filter(accepted) : matching] : []));
}
