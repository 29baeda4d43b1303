import type { Access } from "./privileges.ts";

/**
 * A script that grants the access, for a person to read and to run: the functions, and one call with the rights as a table.
 *
 * @param functions scripts/access.sh
 */
export function accessScript(functions: string, { user, token, grants }: Access): string {
	const rows = grants.map(({ role, path, propagate, privileges }) =>
		[role, path, propagate ? 1 : 0, privileges.join(",")].join(" "),
	);
	return [functions, `set_access ${user} ${token} <<'END'`, ...rows, "END", ""].join("\n");
}
