/** How the plugin writes values that the API knows in a form of its own. */

export function bit(value: boolean): 0 | 1 {
	return value ? 1 : 0;
}

/** A property string, `key=value,key=value`; what is undefined is left out. */
export function propertyString(values: Record<string, string | number | undefined>): string {
	return Object.entries(values)
		.filter(([, value]) => value !== undefined)
		.map(([key, value]) => `${key}=${value}`)
		.join(",");
}

/** The API counts in bytes what an input has in GiB. */
export function bytes(gibibytes: number): number {
	return gibibytes * 1024 ** 3;
}
