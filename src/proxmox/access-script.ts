import type { Access } from "./privileges.ts";

/**
 * A script that grants the access, which an administrator reads and runs: the functions, and one call with a table of rights.
 *
 * @param functions scripts/access.sh
 */
export function accessScript(functions: string, { user, token, grants }: Access): string {
	const rows = grants.map(({ role, path, propagate, privileges }) =>
		[role, path, propagate ? 1 : 0, privileges.join(",")].join(" "),
	);
	return [functions, `set_access ${user} ${token} <<'END'`, ...rows, "END", ""].join("\n");
}
