/** Commands like those with which the program sends files to a node: their standard input is known text. */
import type { Given } from "./run-rule.ts";

/** @param files contents by path; the owner and the mode are those of a configuration file */
export function commandWith(files: Record<string, string>, name = "proj-k8sm01-converge"): Given {
	const stdin = Object.entries(files)
		.flatMap(([path, content]) => [`file ${path} 0600 root:root`, ...content.trimEnd().split("\n").map(prefix), ""])
		.join("\n");
	return {
		type: "command:remote:Command",
		name,
		props: { create: "sh -s", logging: "none", stdin },
		ignoreChanges: ["connection"],
	};
}

function prefix(line: string): string {
	return line === "" ? "|" : `| ${line}`;
}

export const configPath = "/etc/rancher/rke2/config.yaml";

/** A file that only a server has. */
export const serverManifest = {
	"/var/lib/rancher/rke2/server/manifests/kube-vip.yaml": "kind: DaemonSet\n",
};

/** config.yaml of an agent, with further files by path. */
export function agentConfig(content: string, name = "proj-k8sw01-converge", files: Record<string, string> = {}): Given {
	return commandWith({ [configPath]: content, ...files }, name);
}

/** config.yaml of a server, with further files by path. */
export function serverConfig(
	content: string,
	files: Record<string, string> = {},
	name = "proj-k8sm01-converge",
): Given {
	return commandWith({ [configPath]: content, ...serverManifest, ...files }, name);
}
