import type { AclEntry, TokenDescription } from "../descriptions.ts";
import { permissionDenied } from "../server/errors.ts";

/** Privileges of the caller of one request. */
export interface Access {
	/** Token id, `user@realm!name`. */
	readonly user: string;
	has(path: string, privilege: string): boolean;
	/** Throws 403 unless the caller has every privilege on the path. */
	require(path: string, ...privileges: string[]): void;
	/** Throws 403 unless the caller has one of the privileges on the path. */
	requireAny(path: string, ...privileges: string[]): void;
}

/**
 * Privileges of a token as Proxmox computes them: those of the user, limited to the token's own list with privilege
 * separation. Privileges on `/pool/<pool>` also apply to the VMs in the pool.
 */
export function accessOf(token: TokenDescription, poolOf: (vmId: string) => string | undefined): Access {
	const isRoot = token.id.startsWith("root@pam!");
	const grants = (path: string, privilege: string): boolean =>
		(isRoot || granted(token.userAcl, path).includes(privilege)) &&
		(token.tokenAcl === undefined || granted(token.tokenAcl, path).includes(privilege));

	const has = (path: string, privilege: string): boolean => {
		if (grants(path, privilege)) {
			return true;
		}
		const vmId = /^\/vms\/(\d+)$/.exec(path)?.[1];
		const pool = vmId === undefined ? undefined : poolOf(vmId);
		return pool !== undefined && grants(`/pool/${pool}`, privilege);
	};

	return {
		user: token.id,
		has,
		require(path, ...privileges) {
			const missing = privileges.find((privilege) => !has(path, privilege));
			if (missing !== undefined) {
				permissionDenied(`${path}, ${missing}`);
			}
		},
		requireAny(path, ...privileges) {
			if (!privileges.some((privilege) => has(path, privilege))) {
				permissionDenied(`${path}, ${privileges.join("|")}`);
			}
		},
	};
}

/** Only the entry nearest to the path counts: it replaces inherited entries. */
function granted(acl: AclEntry[], path: string): string[] {
	const applies = acl.filter(
		(entry) =>
			entry.path === path || (entry.propagate !== false && (entry.path === "/" || path.startsWith(`${entry.path}/`))),
	);
	const nearest = Math.max(...applies.map((entry) => depth(entry.path)));
	return applies.filter((entry) => depth(entry.path) === nearest).flatMap((entry) => entry.privileges);
}

function depth(path: string): number {
	return path.split("/").filter((part) => part !== "").length;
}
