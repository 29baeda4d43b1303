/** As many texts as the commands of a lab have. */
const mostRemembered = 128;

/**
 * The function with a memory of its latest texts: rules about single resources read one text after the other, and each rule about a
 * stack reads those of all nodes. The value is shared, so no caller may change it. An error is thrown again at each call.
 */
export function remembered<T>(parse: (text: string) => T): (text: string) => T {
	const values = new Map<string, T>();
	return (text) => {
		const known = values.get(text);
		if (known !== undefined || values.has(text)) {
			return known as T;
		}
		const value = parse(text);
		if (values.size === mostRemembered) {
			values.delete(values.keys().next().value!);
		}
		values.set(text, value);
		return value;
	};
}
