import { proxmoxAccess } from "../../proxmox/privileges.ts";
import { type Finding, findingsAbout } from "../finding.ts";
import type { Subject } from "../subject.ts";

const { mistake } = findingsAbout("privileges");

/** Paths with objects of the stack below them. */
const parents = ["/vms", "/nodes", "/pool"];

/** Every privilege of the table in docs/proxmox-privileges.md that this stack needs. */
export async function checkPrivileges({ file, stack, api }: Subject): Promise<Finding[]> {
	const { grants } = proxmoxAccess(stack);
	const byPath = Map.groupBy(grants, ({ path }) => path);
	const found = await Promise.all(
		[...byPath].map(async ([path, roles]) => {
			// With the path, the answer has inherited privileges too; each value says whether paths below inherit it.
			const answer = await api.get<Record<string, Record<string, 0 | 1>>>("/access/permissions", { path });
			const held = answer[path] ?? {};
			const needed = [...new Set(roles.flatMap(({ privileges }) => privileges))];
			const missing = needed.filter((privilege) => held[privilege] === undefined);
			const alone = parents.includes(path) ? needed.filter((privilege) => held[privilege] === 0) : [];
			return [
				...(missing.length > 0 ? [`The token lacks ${missing.join(", ")} on ${path}`] : []),
				...(alone.length > 0 ? [`The token has ${alone.join(", ")} on ${path} without the paths below it`] : []),
			];
		}),
	);
	const mend = `run the script of \`npm run --silent proxmox:access -- ${file}\` as root on a Proxmox host`;
	return found.flat().map((wrong) => mistake(wrong, mend));
}
