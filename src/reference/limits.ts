/** docs/limits.md: the least and the most of everything, as the checks have them. */
import { anonymousPulls, everyImage } from "../config/derived/images.ts";
import { minimums, mostNameservers, serverSizes } from "../facts/minimums.ts";

const sizes = { cpus: "CPUs (`cpus`)", memoryGiB: "memory (`memoryGiB`)", diskGiB: "system disk (`diskGiB`)" } as const;

export function limitsPage(): string {
	return `${[
		"# Limits",
		"Written by `npm run docs` from `src/facts/minimums.ts` and `images.ts`. The program says the same as `npm run check`.",
		"## A machine, by its role",
		machines(),
		"## Control planes, by the number of workers",
		"RKE2's sizing guide (https://docs.rke2.io/install/requirements); `npm run check` warns of smaller ones.",
		table(
			["Workers, up to", "CPUs", "GiB of memory"],
			serverSizes.map(({ workers, cpus, memoryGiB }) => [workers, cpus, memoryGiB].map(String)),
		),
		"## Nodes",
		"Each node gets a /24 of `cluster.podCidr`: the default, a /16, is enough for 256 nodes, and a /13, the widest that is accepted, for 2048. The network cannot change on a running cluster. etcd stands the loss of one of three control planes, two of five, three of seven; more than seven are not recommended (https://etcd.io/docs/v3.6/faq/).",
		"## Names and addresses",
		`- Nameservers: a resolver asks the first ${mostNameservers} (\`MAXNS\`, resolv.conf(5)), and so do pods. None may be a loopback address such as 127.0.0.53, which each pod would look for in itself.`,
		"- With Let's Encrypt neither the domain nor the e-mail address may be in a reserved domain: example.com and its like (RFC 2606), test, invalid, localhost (RFC 6761), local, internal, home.arpa, onion.",
		"## Images and their registries",
		"Each image of the program, where it comes from and how often one installation pulls it. `cluster.registries.systemDefault` takes the place of docker.io for the first row alone; the others come from elsewhere by `cluster.registries.mirrors`, under the registry's name or `*`. Where `systemDefault` or `platform.chartMirror` says that the network is closed, `npm run check` warns of each registry without a mirror. `platform.gpuOperator.smokeTest` adds the registry of its own image.",
		images(),
		`Docker Hub gives one address ${anonymousPulls} pulls in six hours without a login (https://docs.docker.com/docker-hub/usage/), so that a cluster of 8 nodes can be installed once in that time, and \`npm run check\` warns of one that pulls more. A mirror, such as a proxy cache in Harbor, or a login for docker.io in \`registryCredentials\` lifts it; so does an image of the machines that holds RKE2's \`rke2-images.linux-amd64.tar.zst\` in \`/var/lib/rancher/rke2/agent/images\` (https://docs.rke2.io/install/airgap) ([ADR 35](adr/0035-images-are-pulled-and-the-pulls-are-counted.md)).`,
	].join("\n\n")}\n`;
}

function machines(): string {
	const rows = Object.entries(minimums).flatMap(([role, bySize]) =>
		Object.entries(sizes).map(([size, name]) => {
			const { needed, advised } = bySize[size as keyof typeof sizes];
			return [role, name, needed ? `${needed.value}: ${needed.why}` : "", `${advised.value}, which ${advised.why}`];
		}),
	);
	return table(["Role", "What", "Refused below", "Warned of below"], rows);
}

function images(): string {
	return table(
		["Images", "Registry", "Pulls"],
		everyImage.map(({ what, registry, perServer, perWorker, perCard, once }) => {
			const pulls: [number | undefined, string][] = [
				[perServer, " on each control plane"],
				[perWorker, " on each worker"],
				[perCard, " on each worker with a card"],
				[once, ""],
			];
			const said = pulls.filter(([count]) => count !== undefined).map(([count, where]) => `${count}${where}`);
			return [what, registry, said.join(", ")];
		}),
	);
}

function table(head: string[], rows: string[][]): string {
	return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
