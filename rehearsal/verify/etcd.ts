import type { StackConfig } from "../../src/config/schema/stack.ts";

/** Runs a command on a node as root and returns its output. */
export type Shell = (node: string, command: string) => Promise<string>;

interface Member {
	ID: string;
	name: string;
	isLearner?: boolean;
	peerURLs: string[];
}

/** Addresses of the voting members, from etcd on one of the servers. */
export async function votingMembers({ nodes }: StackConfig, onNode: Shell): Promise<string[]> {
	const server = Object.entries(nodes).find(([, { role }]) => role === "control-plane")?.[0] ?? "";
	const members = await listMembers(server, onNode);
	return members
		.filter(({ isLearner }) => !isLearner)
		.map(({ peerURLs }) => new URL(peerURLs[0] ?? "https://unknown").hostname);
}

/** The servers that have a member; one twice that has two, and a learner with its role. */
export async function memberNames(servers: readonly string[], onNode: Shell): Promise<string[]> {
	const members = await listMembers(servers[0]!, onNode);
	return members.map((member) => `${serverOf(member, servers)}${member.isLearner ? " (learner)" : ""}`);
}

/** The server whose member leads. */
export async function etcdLeader(servers: readonly string[], onNode: Shell): Promise<string> {
	const { leader } = await ask<{ leader: string }>(servers[0]!, "maintenance/status", {}, onNode);
	return serverOf(
		(await listMembers(servers[0]!, onNode)).find(({ ID }) => ID === leader),
		servers,
	);
}

/** Gives the leadership to the server's member. */
export async function moveLeadership(server: string, servers: readonly string[], onNode: Shell): Promise<void> {
	const leader = await etcdLeader(servers, onNode);
	if (leader !== server) {
		const members = await listMembers(leader, onNode);
		const target = members.find((member) => serverOf(member, servers) === server);
		await ask(leader, "maintenance/transfer-leadership", { targetID: target?.ID }, onNode);
	}
}

async function listMembers(server: string, onNode: Shell): Promise<Member[]> {
	return (await ask<{ members: Member[] }>(server, "cluster/member/list", { linearizable: true }, onNode)).members;
}

/** RKE2 names a member after its node, with a dash and eight hexadecimal digits behind. */
function serverOf(member: Member | undefined, servers: readonly string[]): string {
	const server = servers.find((name) => member?.name.startsWith(`${name}-`));
	if (!server) {
		throw new Error(`etcd's member ${member?.name} is none of ${servers.join(", ")}`);
	}
	return server;
}

const tls = "/var/lib/rancher/rke2/server/tls/etcd";

/** Asks etcd on the server itself. Port 2382 has HTTP. Port 2379 has gRPC only. */
async function ask<Answer>(server: string, call: string, question: object, onNode: Shell): Promise<Answer> {
	const command = [
		"curl --silent --fail --max-time 5",
		`--cacert ${tls}/server-ca.crt --cert ${tls}/client.crt --key ${tls}/client.key`,
		`--request POST --data '${JSON.stringify(question)}' https://127.0.0.1:2382/v3/${call}`,
	].join(" ");
	return JSON.parse(await onNode(server, command));
}
