import type { ServerSettings } from "../config/settings.ts";
import type { Paths } from "../paths.ts";
import { FatalError, log } from "../process/log.ts";
import { retry } from "../process/retry.ts";
import type { EtcdMember } from "./client.ts";
import { etcdctl } from "./etcdctl.ts";
import { forgetMemberName, type InitialCluster, memberName, peerUrl } from "./member.ts";

/** etcdctl writes IDs as JSON numbers, which have more digits than a number keeps here. */
type ListedMember = Omit<EtcdMember, "ID">;

/**
 * Adds this server to an etcd cluster as a learner and returns how it has to start. etcd allows one learner at a time
 * and refuses a change while a member is missing: both are waited for, as RKE2 does.
 * @param known members as the supervisor of an existing server reported them
 * @throws FatalError when a member of this node's name exists: a rebuilt machine whose Node object was not deleted
 */
export async function joinEtcd(
	paths: Paths,
	settings: ServerSettings,
	known: EtcdMember[],
	signal: AbortSignal,
): Promise<InitialCluster> {
	const name = memberName(paths, settings.nodeName);
	const own = peerUrl(settings);
	const endpoints = known.flatMap((member) => member.clientURLs ?? []);
	let turn = 0;
	return retry(
		{ signal, interval: 1_000, waitingFor: "Waiting for other members to finish joining etcd cluster" },
		async () => {
			// Another machine's member speaks gRPC alone: HTTP is for its own.
			const endpoint = endpoints[turn++ % endpoints.length] ?? "";
			const ask = (...args: string[]) => etcdctl(paths, endpoint, ...args);
			const { members }: { members: ListedMember[] } = JSON.parse(await ask("--write-out=json", "member", "list"));
			for (const member of members) {
				// A member that was added but never started has no name yet; at our address it is us.
				if (!member.name && member.peerURLs.includes(own)) {
					member.name = name;
				}
				if (member.name !== name && nodeOf(member.name ?? "") === settings.nodeName) {
					forgetMemberName(paths);
					throw new FatalError("ETCD join failed: duplicate node name found, please use a unique name for this node");
				}
			}
			if (!members.some((member) => member.name === name)) {
				log.info(`Adding member ${name}=${own} to etcd cluster [${members.map(initialEntry).join(",")}]`);
				await ask("member", "add", name, "--learner", `--peer-urls=${own}`);
				members.push({ name, peerURLs: [own] });
			}
			return { state: "existing", members: members.map(initialEntry) };
		},
	);
}

/** The node that a member's name was made from. */
export function nodeOf(memberName: string): string {
	return memberName.replace(/-[0-9a-f]{8}$/, "");
}

function initialEntry(member: ListedMember): string {
	return `${member.name}=${member.peerURLs[0]}`;
}
