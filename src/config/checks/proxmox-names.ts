/** Rules for names that Proxmox gets: it is stricter about them than DNS. */
import type { Problem } from "../read/problems.ts";
import { applyRules } from "../read/readable.ts";
import type { StackConfig } from "../schema/stack.ts";

/** Of a user with its realm: https://pve.proxmox.com/pve-docs/api-viewer/#/access/users */
const longestUser = 64;
/** Of a backup job: https://pve.proxmox.com/pve-docs/api-viewer/#/cluster/backup/{id} */
const longestJob = 50;

export function checkProxmoxNames(stack: StackConfig): Problem[] {
	return applyRules(stack, clusterName, mappings);
}

/** The cluster's name is in that of the token's user, `rke2-<name>@pve`, and of the backup job, `rke2-<name>`. */
function clusterName({ cluster: { name }, proxmox: { backup } }: StackConfig): Problem[] {
	const [longest, what] = backup
		? [longestJob - "rke2-".length, `the backup job rke2-<name>, which Proxmox gives ${longestJob}`]
		: [longestUser - "rke2-@pve".length, `the user rke2-<name>@pve, which Proxmox gives ${longestUser}`];
	return name.length > longest
		? [
				{
					key: "cluster.name",
					message: `must be of at most ${longest} characters, found ${name.length}: it is part of ${what}.`,
				},
			]
		: [];
}

/** The form `pve-configid`: https://pve.proxmox.com/pve-docs/api-viewer/#/cluster/mapping/pci */
function mappings({ gpus }: StackConfig): Problem[] {
	return Object.keys(gpus)
		.filter((name) => !/^[a-z][a-z0-9-]+$/.test(name))
		.map((name) => ({
			key: `gpus.${name}`,
			message:
				"is not a valid name of a resource mapping in Proxmox: it must begin with a letter and have at least two characters.",
		}));
}
