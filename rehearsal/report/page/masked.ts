/** Lines without secrets. The CLI masks what it knows to be secret; a line of a node or of a double passes by it. */

export type Mask = (text: string) => string;

/** Shorter values are words, and no secrets. */
const shortest = 8;

/** @param secrets values of the stack's secrets, some of them JSON with further ones inside */
export function masker(secrets: object): Mask {
	const values = [...new Set(stringsIn(secrets))]
		.filter(({ length }) => length >= shortest)
		// A longer one may contain a shorter one.
		.toSorted((a, b) => b.length - a.length);
	return (text) => values.reduce((rest, value) => rest.replaceAll(value, "(secret)"), text);
}

function stringsIn(value: unknown): string[] {
	if (typeof value === "object" && value !== null) {
		return Object.values(value).flatMap(stringsIn);
	}
	if (typeof value !== "string") {
		return [];
	}
	// The lines of a key, too: a message may hold one of them.
	const lines = value.includes("\n") ? value.split("\n") : [];
	return [value, ...lines, ...partsOf(value)];
}

/** The token of Proxmox has the form `user!name=secret`; registry credentials are JSON. */
function partsOf(value: string): string[] {
	const secret = /^\S+![\w-]+=(\S+)$/.exec(value)?.[1];
	if (secret !== undefined) {
		return [secret];
	}
	try {
		const parsed: unknown = JSON.parse(value);
		return typeof parsed === "object" ? Object.values(parsed ?? {}).flatMap(passwordsIn) : [];
	} catch {
		return [];
	}
}

function passwordsIn(login: unknown): string[] {
	const { password } = (login ?? {}) as { password?: unknown };
	return typeof password === "string" ? [password] : [];
}
