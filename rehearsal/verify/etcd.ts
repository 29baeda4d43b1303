import type { StackConfig } from "../../src/config/schema/stack.ts";

/** Runs a command on a node as root and returns its output. */
export type Shell = (node: string, command: string) => Promise<string>;

const tls = "/var/lib/rancher/rke2/server/tls/etcd";
// Port 2382 has HTTP. Port 2379 has gRPC only.
const memberList = [
	"curl --silent --fail --max-time 5",
	`--cacert ${tls}/server-ca.crt --cert ${tls}/client.crt --key ${tls}/client.key`,
	`--request POST --data '{"linearizable":true}' https://127.0.0.1:2382/v3/cluster/member/list`,
].join(" ");

/** Addresses of the voting members, from etcd on one of the servers. */
export async function votingMembers({ nodes }: StackConfig, onNode: Shell): Promise<string[]> {
	const server = Object.entries(nodes).find(([, { role }]) => role === "control-plane")?.[0] ?? "";
	const { members }: { members: { isLearner?: boolean; peerURLs: string[] }[] } = JSON.parse(
		await onNode(server, memberList),
	);
	return members
		.filter(({ isLearner }) => !isLearner)
		.map(({ peerURLs }) => new URL(peerURLs[0] ?? "https://unknown").hostname);
}
