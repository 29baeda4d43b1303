import type { AclEntry, TokenDescription } from "../descriptions.ts";
import { die, permissionDenied } from "../server/errors.ts";

/** Privileges of the caller of one request. */
export interface Access {
	/** Token id, `user@realm!name`. */
	readonly user: string;
	has(path: string, privilege: string): boolean;
	/** Each privilege on the path, with whether it also applies to the paths below. */
	permissions(path: string): Record<string, 0 | 1>;
	/** Whether the caller has one of the privileges on a path directly below that has entries of its own. */
	hasBelow(path: string, ...privileges: string[]): boolean;
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
		(isRoot || privilege in granted(token.userAcl, path)) &&
		(token.tokenAcl === undefined || privilege in granted(token.tokenAcl, path));

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
		permissions(path) {
			if (isRoot) {
				die("the privileges of root are not part of this double");
			}
			return Object.fromEntries(
				Object.entries(granted(token.userAcl, path)).filter(([privilege]) => grants(path, privilege)),
			);
		},
		hasBelow(path, ...privileges) {
			const below = [...token.userAcl, ...(token.tokenAcl ?? [])]
				.map((entry) => entry.path)
				.filter((candidate) => candidate.startsWith(`${path}/`) && depth(candidate) === depth(path) + 1);
			return below.some((candidate) => privileges.some((privilege) => has(candidate, privilege)));
		},
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

/**
 * Only the entry nearest to the path counts: it replaces inherited entries.
 *
 * @returns privileges, with whether they propagate
 */
function granted(acl: AclEntry[], path: string): Record<string, 0 | 1> {
	const applies = acl.filter(
		(entry) =>
			entry.path === path || (entry.propagate !== false && (entry.path === "/" || path.startsWith(`${entry.path}/`))),
	);
	const nearest = Math.max(...applies.map((entry) => depth(entry.path)));
	return Object.fromEntries(
		applies
			.filter((entry) => depth(entry.path) === nearest)
			.flatMap(({ privileges, propagate }) =>
				privileges.map((privilege): [string, 0 | 1] => [privilege, propagate === false ? 0 : 1]),
			),
	);
}

function depth(path: string): number {
	return path.split("/").filter((part) => part !== "").length;
}
