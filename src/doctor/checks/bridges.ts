import { type Finding, findingsAbout } from "../finding.ts";
import { placements, type Subject } from "../subject.ts";

const { mistake } = findingsAbout("bridges");

/** The bridge of the nodes' network is on each host with nodes; otherwise a VM is made and cannot start. */
export async function checkBridges(subject: Subject): Promise<Finding[]> {
	const { bridge } = subject.stack.network;
	const found = await Promise.all(
		placements(subject).map(async ([host]) => {
			const bridges = await subject.api.get<{ iface: string }[]>(`/nodes/${host}/network`, { type: "any_bridge" });
			return bridges.some(({ iface }) => iface === bridge)
				? []
				: [
						mistake(
							`network.bridge: ${host} has no bridge ${bridge} that the token may use`,
							`create it there (${host} > System > Network), or name a bridge that every host has`,
						),
					];
		}),
	);
	return found.flat();
}
