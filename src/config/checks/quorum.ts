/** Warnings about control planes: how many etcd can lose, and how many fail together with their host. */
import type { Problem } from "../read/problems.ts";
import type { StackConfig } from "../schema/stack.ts";

/** https://etcd.io/docs/v3.6/faq/#what-is-maximum-cluster-size */
const mostMembers = 7;

export function quorumWarnings(stack: StackConfig): Problem[] {
	const servers = Object.entries(stack.nodes).filter(([, { role }]) => role === "control-plane");
	return [...size(servers.length), ...hosts(servers)];
}

function size(count: number): Problem[] {
	if (count === 1) {
		return [
			{
				key: "nodes",
				message:
					"has one control plane: the API is down whenever it is, and losing its disk loses everything since the last off-site snapshot; three control planes tolerate the loss of one.",
			},
		];
	}
	return count > mostMembers
		? [
				{
					key: "nodes",
					message: `has ${count} control planes: etcd recommends ${mostMembers} at most, because each write waits for more than half of them; make the others workers.`,
				},
			]
		: [];
}

/** The failure of one host must not end the quorum. */
function hosts(servers: [string, StackConfig["nodes"][string]][]): Problem[] {
	if (servers.length < 2) {
		return [];
	}
	const spare = Math.floor((servers.length - 1) / 2);
	const names = Map.groupBy(servers, ([, { host }]) => host);
	return [...names]
		.filter(([, placed]) => placed.length > spare)
		.map(([host, placed]) => ({
			key: `proxmox.hosts.${host}`,
			message: `runs ${placed.length} of ${servers.length} control planes (${placed.map(([name]) => name).join(", ")}), and etcd tolerates the loss of ${spare}: when this host fails, the whole API fails; spread them over three hosts or more.`,
		}));
}
