/** URLs of Pulumi's official releases and of their digests. */
import type { Architecture, Download } from "../releases.ts";
import type { Plugin } from "./requirements.ts";

/** The archive of the CLI also holds the language host for Node. */
export function cliDownload(version: string, architecture: Architecture): Download {
	const folder = `https://github.com/pulumi/pulumi/releases/download/v${version}`;
	const processor = architecture === "amd64" ? "x64" : architecture;
	return {
		url: `${folder}/pulumi-v${version}-linux-${processor}.tar.gz`,
		digestUrl: `${folder}/pulumi-${version}-checksums.txt`,
		members: ["pulumi/pulumi", "pulumi/pulumi-language-nodejs"],
	};
}

export function pluginDownload({ name, version, repository }: Plugin, architecture: Architecture): Download {
	const folder = `https://github.com/${repository}/releases/download/v${version}`;
	const [, project] = repository.split("/");
	return {
		url: `${folder}/pulumi-resource-${name}-v${version}-linux-${architecture}.tar.gz`,
		digestUrl: `${folder}/${project}_${version}_checksums.txt`,
		members: [`pulumi-resource-${name}`],
	};
}
