import { ProxmoxRefusal } from "../../proxmox/api.ts";
import { tarballUrl } from "../../rke2/artifact.ts";
import { digestIn } from "../checksums.ts";
import { type Finding, findingsAbout } from "../finding.ts";
import { placements, type Subject } from "../subject.ts";

const { mistake, unchecked } = findingsAbout("downloads");

/** Each host reaches the image, and the digests are those that the publishers give out now. */
export async function checkDownloads(subject: Subject): Promise<Finding[]> {
	const { cluster, proxmox } = subject.stack;
	const found = await Promise.all([
		...placements(subject).map(([host]) => imageFrom(subject, host)),
		compare(subject, "proxmox.image.sha256", proxmox.image.url, proxmox.image.sha256, ["SHA256SUMS", "CHECKSUM"]),
		compare(subject, "cluster.artifacts.sha256", tarballUrl(cluster), cluster.artifacts.sha256, [
			"sha256sum-amd64.txt",
		]),
	]);
	return found.flat();
}

async function imageFrom({ api, stack }: Subject, host: string): Promise<Finding[]> {
	const { url } = stack.proxmox.image;
	try {
		await api.get(`/nodes/${host}/query-url-metadata`, { url });
		return [];
	} catch (error) {
		if (!(error instanceof ProxmoxRefusal)) {
			throw error;
		}
		return error.status === 403
			? [unchecked(`proxmox.image.url: the token may not ask whether ${host} reaches it`, "grant the privileges first")]
			: [
					mistake(
						`proxmox.image.url: ${host} cannot download ${url} (${error.message})`,
						"correct the address, or let the host reach it",
					),
				];
	}
}

/** @param lists names of the publisher's lists of digests, beside the file */
async function compare(
	{ surroundings }: Subject,
	key: string,
	url: string,
	expected: string,
	lists: readonly string[],
): Promise<Finding[]> {
	const file = decodeURIComponent(new URL(url).pathname.split("/").at(-1)!);
	let reason = "";
	for (const name of lists) {
		const address = new URL(name, url).href;
		const answer = await surroundings.fetch(address);
		const published = "text" in answer ? digestIn(answer.text, file) : undefined;
		if (published === undefined) {
			reason ||= `${address}: ${"failure" in answer ? answer.failure : `has no ${file}`}`;
			continue;
		}
		return published === expected.toLowerCase()
			? []
			: [
					mistake(
						`${key} is ${expected.slice(0, 12)}..., and ${address} says ${published.slice(0, 12)}...`,
						"compare both with the list that the publisher signed, and set the right one",
					),
				];
	}
	return [unchecked(`${key} could not be compared (${reason})`, "compare it by hand with the list of the publisher")];
}
