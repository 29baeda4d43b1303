import { ProxmoxRefusal } from "../../proxmox/api.ts";
import { type Finding, findingsAbout } from "../finding.ts";
import { existingNodes, type Subject } from "../subject.ts";

const { mistake } = findingsAbout("machines");

/** VM ids that another guest has. Proxmox also counts guests that the token may not see. */
export async function checkMachines(subject: Subject): Promise<Finding[]> {
	const { stack, api, guests } = subject;
	const own = existingNodes(subject);
	const fresh = Object.entries(stack.nodes).filter(([name]) => !own.has(name));
	const free = firstFreeId([...guests.map(({ vmid }) => vmid), ...Object.values(stack.nodes).map(({ vmId }) => vmId)]);
	const found = await Promise.all(
		fresh.map(async ([name, { vmId }]) => {
			if (await isFree(vmId)) {
				return [];
			}
			const owner = guests.find(({ vmid }) => vmid === vmId);
			return [
				mistake(
					`nodes.${name}.vmId: ${vmId} already belongs to ${owner ? `${owner.name ?? "a guest"} on ${owner.node}` : "another guest"}`,
					`choose an id that is free, such as ${free}`,
				),
			];
		}),
	);
	return found.flat();

	async function isFree(vmId: number): Promise<boolean> {
		try {
			await api.get("/cluster/nextid", { vmid: String(vmId) });
			return true;
		} catch (error) {
			if (error instanceof ProxmoxRefusal && error.status === 400) {
				return false;
			}
			throw error;
		}
	}
}

/** The first free id. */
function firstFreeId(taken: readonly number[]): number {
	const all = new Set(taken);
	let id = 100;
	while (all.has(id)) {
		id += 1;
	}
	return id;
}
