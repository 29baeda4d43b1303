import type { NodeSettings } from "../config/settings.ts";
import type { Paths } from "../paths.ts";
import { readIfPresent, writeFileAtomically } from "../process/files.ts";
import { log } from "../process/log.ts";

/** The kubelet's limit (pkg/apis/core/validation, MaxDNSNameservers). */
const maxNameservers = 3;

/**
 * Writes the resolv.conf of a pod with `dnsPolicy: Default`, such as CoreDNS, from the file that the kubelet reads. Other
 * pods use cluster DNS, and have the same search list after the cluster's own domains.
 * https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-s-dns-policy
 */
export function writePodResolver(paths: Paths, { resolvConf }: NodeSettings): void {
	const file = resolvConf ?? paths.resolvConf;
	const text = readIfPresent(file);
	if (text === undefined) {
		// The kubelet starts without the file, but no pod does.
		log.error(`open ${file}: no such file or directory`);
		return;
	}
	const fields = text.split("\n").map((line) => line.trim().split(/\s+/));
	const servers = fields.filter(([key]) => key === "nameserver").slice(0, maxNameservers);
	const search = fields.findLast(([key]) => key === "search")?.filter((domain) => domain !== ".") ?? [];
	const lines = [...servers, ...(search.length > 1 ? [search] : [])].map((line) => `${line.join(" ")}\n`);
	writeFileAtomically(paths.podResolvConf, lines.join(""), 0o644);
}
