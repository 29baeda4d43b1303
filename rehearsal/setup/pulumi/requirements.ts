/** Finds the CLI and the plugins that the program needs, from the packages that package.json pins. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/** A provider plugin, from the `pulumi` section of its npm package. */
export interface Plugin {
	/** As in `pulumi-resource-<name>`. */
	name: string;
	/** Without a leading `v`. */
	version: string;
	/** GitHub repository of its releases, `owner/name`. */
	repository: string;
}

export interface Requirements {
	/** Version of the CLI without a leading `v`. CLI and SDK are released with the same version. */
	cli: string;
	plugins: Plugin[];
}

interface Manifest {
	version: string;
	dependencies?: Record<string, string>;
	pulumi?: { resource?: boolean; name: string; version?: string; server?: string };
}

/** @throws Error when a package is not installed */
export function requirements(projectDirectory: string): Requirements {
	const { dependencies = {} } = manifestOf(join(projectDirectory, "package.json"));
	const packages = Object.keys(dependencies).map((name) => manifestOf(locate(name, projectDirectory)));
	return {
		cli: manifestOf(locate("@pulumi/pulumi", projectDirectory)).version,
		plugins: packages.flatMap(({ pulumi, version }) =>
			pulumi?.resource
				? [
						{
							name: pulumi.name,
							version: pulumi.version ?? version,
							repository: repositoryOf(pulumi.name, pulumi.server),
						},
					]
				: [],
		),
	};
}

/** Pulumi's own plugins have no server. That of others is `github://api.github.com/<owner>/<name>`. */
function repositoryOf(name: string, server: string | undefined): string {
	const [, repository] = /^github:\/\/api\.github\.com\/(.+)$/.exec(server ?? "") ?? [];
	return repository ?? `pulumi/pulumi-${name}`;
}

/** Searches for the file, because a package need not export its package.json. */
function locate(name: string, projectDirectory: string): string {
	const directories = createRequire(join(projectDirectory, "package.json")).resolve.paths(name) ?? [];
	const file = directories.map((directory) => join(directory, name, "package.json")).find(existsSync);
	if (!file) {
		throw new Error(`The package ${name} is not installed; run npm ci --ignore-scripts.`);
	}
	return file;
}

function manifestOf(file: string): Manifest {
	return JSON.parse(readFileSync(file, "utf8"));
}
