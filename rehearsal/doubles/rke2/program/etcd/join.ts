import type { ServerSettings } from "../config/settings.ts";
import type { Paths } from "../paths.ts";
import { FatalError, log } from "../process/log.ts";
import { retry } from "../process/retry.ts";
import type { EtcdMember } from "./client.ts";
import { etcdctl } from "./etcdctl.ts";
import { forgetMemberName, type InitialCluster, memberName, peerUrl } from "./member.ts";

/** Without the ID: etcdctl writes it as a JSON number, which is too large for a JavaScript number. */
type ListedMember = Omit<EtcdMember, "ID">;

/**
 * Adds this server to an etcd cluster as a learner and returns how it has to start. etcd allows one learner at a time and
 * refuses a change while a member is down. Like RKE2, this function waits in both cases.
 * @param known members that the supervisor of an existing server reported
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
			// Through etcdctl, because a member answers HTTP on its own machine only.
			const endpoint = endpoints[turn++ % endpoints.length] ?? "";
			const ask = (...args: string[]) => etcdctl(paths, endpoint, ...args);
			const { members }: { members: ListedMember[] } = JSON.parse(await ask("--write-out=json", "member", "list"));
			for (const member of members) {
				// A member has no name before its first start. The one with our address is this server.
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

/** Name of the node in a member's name. */
export function nodeOf(memberName: string): string {
	return memberName.replace(/-[0-9a-f]{8}$/, "");
}

function initialEntry(member: ListedMember): string {
	return `${member.name}=${member.peerURLs[0]}`;
}
