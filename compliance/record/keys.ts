/** The keys of a stack file, and the formats of the record that have the values which the schema of a key accepts. */
import fc from "fast-check";
import { z } from "zod";
import type { FormatName } from "../../policies/lib/record/format-names.ts";
import { formatNames, matchesTemplate, namedByKeys, wholly } from "../../policies/lib/record/formats.ts";
import { parseTaint } from "../../src/config/derived/node-taints.ts";
import { portOfUrl } from "../../src/config/formats/hosts.ts";
import { rangeOf } from "./numbers.ts";
import { valid } from "./stack-values.ts";

/** One key; there is one such object for each path. */
export interface Key {
	/** With `*` for each entry of a map or a list, and `<name>` for a name of a map. */
	path: string;
	schema: z.core.$ZodType;
	/** What of the value it is. */
	derive: (value: string) => string[];
	/** How far from the value itself. */
	distance: number;
}

const keys = new Map<string, Key>();

function derived(path: string, schema: z.core.$ZodType, derive: Key["derive"], distance: number): Key {
	const known = keys.get(path) ?? { path, schema, derive, distance };
	keys.set(path, known);
	return known;
}

export function keyOf(schema: z.core.$ZodType, path: string): Key {
	return derived(path, schema, (value) => [value], 0);
}

/** A part of the value: the host of a URL, or one end of a range. */
export function partKey({ path, schema }: Key): Key {
	return derived(`${path} (part)`, schema, partKey.of, 2);
}

/** @returns the parts of a text with a dot in them */
partKey.of = (value: string): string[] =>
	(value.match(/[A-Za-z0-9][\w.-]*[A-Za-z0-9]/g) ?? []).filter((part) => part.includes("."));

/** The port in the value, a number. */
export function portKey({ path }: Key): Key {
	return derived(`${path} (port)`, z.int().min(1).max(65_535), (value) => [value], 0);
}

portKey.of = (value: string): number | undefined => {
	if (/^https?:/.test(value)) {
		return portOfUrl(value);
	}
	const [, host, port] = /^([a-z0-9.-]+):(\d+)$/.exec(value) ?? [];
	// A time of day has a colon as well.
	return host !== undefined && /[a-z.]/.test(host) ? Number(port) : undefined;
};

/** The key in a taint, which a toleration names without its value. */
export function taintKey({ path }: Key): Key {
	return derived(`${path} (key)`, z.string(), taintKey.of, 0);
}

taintKey.of = (value: string): string[] => [parseTaint(value).key];

export const spellings = ["as it is", "lower case", "in an address", "in a file name"] as const;

export type Spelling = (typeof spellings)[number];

/** The value as another place spells it. */
export function spelledKey(key: Key, spelling: Spelling): Key {
	return spelling === "as it is"
		? key
		: derived(
				`${key.path} (${spelling})`,
				key.schema,
				(value) => key.derive(value).map((text) => spelledKey.spell(spelling, text)),
				key.distance + 1,
			);
}

spelledKey.spell = (spelling: Spelling, text: string): string => spell[spelling](text);

const spell: Readonly<Record<Spelling, (text: string) => string>> = {
	"as it is": (text) => text,
	"lower case": (text) => text.toLowerCase(),
	"in an address": encodeURIComponent,
	"in a file name": (text) => text.replace(":", "_"),
};

const samples = new Map<Key, readonly string[]>();

/** Texts that a value of the key can be. */
function samplesOf(key: Key): readonly string[] {
	const known = samples.get(key);
	if (known) {
		return known;
	}
	const values = fc.sample(valid(key.schema), { seed: 1, numRuns: 100 });
	const texts = values.filter((value) => typeof value === "string").flatMap(key.derive);
	samples.set(key, texts);
	return texts;
}

/** Formats that the check gives to a key, beyond its schema. */
const ownFormats: Readonly<Record<string, FormatName>> = {
	".platform.namespaces.<name>": "namespace",
	".access.namespaces.<name>": "namespace",
	".platform.namespaces.*.allowFrom.*.namespace": "namespace",
	".cluster.etcdSnapshots.schedule": "schedule",
	".cluster.etcdSnapshots.s3.folder": "path",
	".cluster.proxy.exceptions.*": "exceptions",
	".nodes.*.labels.<name>": "labelkey",
	".nodes.*.labels.*": "labelvalue",
	".nodes.*.taints.*": "taint",
	".nodes.*.taints.* (key)": "labelkey",
	".platform.metallb.pool.*": "range",
	".ssh.authorizedKeys.*": "sshkey",
	".cluster.registries.mirrors.*.endpoints.*": "mirror",
	".platform.chartMirror": "mirror",
	".platform.certManager.domain": "domain",
	".platform.certManager.email": "email",
	".platform.certManager.acmeServer": "mirror",
	".platform.certManager.stagingAcmeServer": "mirror",
	".platform.certManager.dns01.acmeDNS.host": "mirror",
};

/**
 * The narrowest format of the values of a key.
 *
 * @param also values of stack files
 */
export function formatOfKey(key: Key, also: readonly string[]): string {
	const own = ownFormats[key.path];
	if (own !== undefined && also.every(wholly(own))) {
		return own;
	}
	const range = rangeOf(key.schema);
	if (range !== undefined && also.every((text) => matchesTemplate(`<${range}>`, text))) {
		return range;
	}
	const texts = [...samplesOf(key), ...also];
	return narrowest(texts);
}

/** A name that looks like a number by chance is a name. */
const byChance: ReadonlySet<FormatName> = new Set<FormatName>(["hash", "number", ...namedByKeys]);

export function narrowest(texts: readonly string[]): FormatName {
	return formatNames.find((name) => !byChance.has(name) && texts.every(wholly(name))) ?? "text";
}
