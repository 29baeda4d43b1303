/** docs/limits.md: the least and the most of everything, as the checks have them. */
import { minimums, mostNameservers, serverSizes } from "./minimums.ts";

const sizes = { cpus: "CPUs (`cpus`)", memoryGiB: "memory (`memoryGiB`)", diskGiB: "system disk (`diskGiB`)" } as const;

export function limitsPage(): string {
	return `${[
		"# Limits",
		"Written by `npm run docs` from `src/config/minimums.ts`. `npm run check` refuses what is below the first figure and warns of what is below the second; the program does the same.",
		"## A machine, by its role",
		machines(),
		"## Control planes, by the number of workers",
		"RKE2's sizing guide (https://docs.rke2.io/install/requirements); `npm run check` warns of smaller ones.",
		table(
			["Workers, up to", "CPUs", "GiB of memory"],
			serverSizes.map(({ workers, cpus, memoryGiB }) => [workers, cpus, memoryGiB].map(String)),
		),
		"## Names and addresses",
		`- Nameservers: a resolver asks the first ${mostNameservers} (\`MAXNS\`, resolv.conf(5)), and so do pods. None may be a loopback address such as 127.0.0.53, which each pod would look for in itself.`,
		"- With Let's Encrypt neither the domain nor the e-mail address may be in a reserved domain: example.com and its like (RFC 2606), test, invalid, localhost (RFC 6761), local, internal, home.arpa, onion.",
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

function table(head: string[], rows: string[][]): string {
	return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
