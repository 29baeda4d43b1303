/** docs/limits.md: the minimums and maximums of the checks. */
import { anonymousPulls, everyImage } from "../config/derived/images.ts";
import { minimums, mostNameservers, serverSizes } from "../facts/minimums.ts";

const sizes = { cpus: "CPUs (`cpus`)", memoryGiB: "memory (`memoryGiB`)", diskGiB: "system disk (`diskGiB`)" } as const;

export function limitsPage(): string {
	return `${[
		"# Limits",
		"Written by `npm run docs` from `src/facts/minimums.ts` and `images.ts`. `npm run check` and the program report the same limits.",
		"## VMs by role",
		machines(),
		"## Control planes by number of workers",
		"RKE2's sizing guide (https://docs.rke2.io/install/requirements); `npm run check` warns of smaller ones.",
		table(
			["Workers, up to", "CPUs", "GiB of memory"],
			serverSizes.map(({ workers, cpus, memoryGiB }) => [workers, cpus, memoryGiB].map(String)),
		),
		"## Nodes",
		"Each node gets a /24 of `cluster.podCidr`: the default, a /16, is enough for 256 nodes, and a /13, the widest network that the schema accepts, for 2048. The network cannot change on a running cluster. etcd tolerates the loss of one of three control planes, two of five, three of seven; more than seven are not recommended (https://etcd.io/docs/v3.6/faq/).",
		"## Names and addresses",
		`- Nameservers: a resolver asks the first ${mostNameservers} (\`MAXNS\`, resolv.conf(5)), and so do pods. None may be a loopback address such as 127.0.0.53, which would be the pod itself.`,
		"- With Let's Encrypt neither the domain nor the e-mail address may be in a reserved domain: example.com and its like (RFC 2606), test, invalid, localhost (RFC 6761), local, internal, home.arpa, onion.",
		"## Images and their registries",
		"Each image of the program, its registry, and how often one installation pulls it. `cluster.registries.systemDefault` replaces docker.io for the first row only; for the other rows use `cluster.registries.mirrors`, with the name of the registry or `*`. When `systemDefault` or `platform.chartMirror` is set, the network counts as closed, and `npm run check` warns of each registry without a mirror. `platform.gpuOperator.smokeTest` adds the registry of its own image.",
		images(),
		`Docker Hub allows one address ${anonymousPulls} pulls in six hours without a login (https://docs.docker.com/docker-hub/usage/). That is enough to install a cluster of 8 nodes once, and \`npm run check\` warns of a cluster that pulls more. A mirror, such as a proxy cache in Harbor, or a login for docker.io in \`registryCredentials\` lifts the limit. So does a cloud image that contains RKE2's \`rke2-images.linux-amd64.tar.zst\` in \`/var/lib/rancher/rke2/agent/images\` (https://docs.rke2.io/install/airgap) ([ADR 35](adr/0035-images-are-pulled-and-the-pulls-are-counted.md)).`,
	].join("\n\n")}\n`;
}

function machines(): string {
	const rows = Object.entries(minimums).flatMap(([role, bySize]) =>
		Object.entries(sizes).map(([size, name]) => {
			const { needed, advised } = bySize[size as keyof typeof sizes];
			return [role, name, needed ? `${needed.value}: ${needed.why}` : "", `${advised.value}, which ${advised.why}`];
		}),
	);
	return table(["Role", "Size", "Refused below", "Warning below"], rows);
}

function images(): string {
	return table(
		["Images", "Registry", "Pulls"],
		everyImage.map(({ what, registry, perServer, perWorker, perGpu, once }) => {
			const pulls: [number | undefined, string][] = [
				[perServer, " on each control plane"],
				[perWorker, " on each worker"],
				[perGpu, " on each worker with a GPU"],
				[once, ""],
			];
			const counts = pulls.filter(([count]) => count !== undefined).map(([count, where]) => `${count}${where}`);
			return [what, registry, counts.join(", ")];
		}),
	);
}

function table(head: string[], rows: string[][]): string {
	return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
