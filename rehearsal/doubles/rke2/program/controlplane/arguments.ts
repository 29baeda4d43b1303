/** Reads `key=value` entries of a `*-arg` list; a bare key means `true`. The order and the `+`/`-` suffixes are kept. */
export function parseExtraArguments(entries: string[]): [string, string][] {
	return entries.map((entry) => {
		const text = entry.replace(/^--/, "");
		const equals = text.indexOf("=");
		return equals < 0 ? [text, "true"] : [text.slice(0, equals), text.slice(equals + 1)];
	});
}

/**
 * Merges the administrator's arguments into a component's defaults, by RKE2's rules: `key=value` replaces the
 * default, `key+=value` adds after it, `key-=value` before it, and a repeated key becomes a repeated flag.
 * @returns command-line arguments in alphabetical order; repeated ones keep their order
 */
export function mergeArguments(defaults: Record<string, string | undefined>, extra: string[]): string[] {
	const merged = new Map<string, string[]>();
	for (const [name, value] of Object.entries(defaults)) {
		if (value !== undefined) {
			merged.set(name, [value]);
		}
	}
	const replaced = new Set<string>();
	for (const [name, value] of parseExtraArguments(extra)) {
		const key = name.replace(/[+-]$/, "");
		const before = merged.get(key) ?? [];
		if (name.endsWith("+")) {
			merged.set(key, [...before, value]);
		} else if (name.endsWith("-")) {
			merged.set(key, [value, ...before]);
		} else {
			merged.set(key, replaced.has(key) ? [...before, value] : [value]);
		}
		replaced.add(key);
	}
	return [...merged]
		.sort(([left], [right]) => (left < right ? -1 : 1))
		.flatMap(([name, values]) => values.map((value) => `--${name}=${value}`));
}
