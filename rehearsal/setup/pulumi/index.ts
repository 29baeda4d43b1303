/**
 * Provides Pulumi: the CLI, the language host and the plugins of the project's packages. Each part comes from the first of
 * these sources that works: this computer, in a version that fits; the official release, with the digest that its publisher
 * states; a build from published Go modules; the rehearsal's double.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeBuild, makeDownload } from "../binaries.ts";
import { cacheDirectory, withLock } from "../cache.ts";
import { architecture } from "../preflight.ts";
import type { ReportProgress } from "../progress.ts";
import { makeHome, type Part, type Parts } from "./home.ts";
import { installedCli, installedPlugin } from "./installed.ts";
import { cliRelease, pluginRelease } from "./modules.ts";
import { cliDownload, pluginDownload } from "./official.ts";
import { type Plugin, type Requirements, requirements } from "./requirements.ts";

const project = fileURLToPath(new URL("../../..", import.meta.url));
const doubles = fileURLToPath(new URL("../../doubles/pulumi/", import.meta.url));

/** Pulumi with its parts. */
export interface Pulumi {
	/** Directory with the CLI in `bin` and the plugins in `plugins`. */
	home: string;
	parts: Parts;
}

/** Takes the lock of the cache. @throws Error when no source has a part */
export async function setUpPulumi(report: ReportProgress): Promise<Pulumi> {
	const cache = cacheDirectory();
	return withLock(cache, report, () => providePulumi(cache, report));
}

/** The caller must hold the lock of the cache. */
export async function providePulumi(cache: string, report: ReportProgress): Promise<Pulumi> {
	const wanted = requirements(project);
	const parts: Parts = { ...(await provideCli(wanted, cache, report)), plugins: [] };
	for (const plugin of wanted.plugins) {
		parts.plugins.push(await providePlugin(plugin, wanted.cli, cache, report));
	}
	return { home: await makeHome(parts, cache), parts };
}

/** One line with the CLI, the plugins and the origin of each. */
export function describePulumi({ parts: { cli, languageHost, plugins } }: Pulumi): string {
	const one = ({ name, version, origin }: Part) => `${name} ${version} (${origin})`;
	return `Pulumi ${cli.version} (${cli.origin}); language host ${one(languageHost)}; plugins ${plugins.map(one).join(", ")}`;
}

async function provideCli(
	{ cli: version }: Requirements,
	cache: string,
	report: ReportProgress,
): Promise<Omit<Parts, "plugins">> {
	const installed = await installedCli(version);
	if (installed) {
		const origin = "installed on this machine";
		return {
			cli: { name: "pulumi", version: installed.version, executable: installed.cli, origin },
			languageHost: { name: "nodejs", version: installed.version, executable: installed.languageHost, origin },
		};
	}
	const release = cliRelease(version);
	const download = [cliDownload(version, architecture())];
	const downloaded = await makeDownload(`pulumi-${version}`, download, release, cache, report);
	if (downloaded) {
		const origin = "official release";
		return {
			cli: { name: "pulumi", version, executable: join(downloaded, "pulumi"), origin },
			languageHost: { name: "nodejs", version, executable: join(downloaded, "pulumi-language-nodejs"), origin },
		};
	}
	const built = await makeBuild(release, cache, report);
	return {
		cli: { name: "pulumi", version, executable: join(built, "pulumi"), origin: "built from its published module" },
		languageHost: double("language-nodejs", "nodejs", version),
	};
}

async function providePlugin(plugin: Plugin, cli: string, cache: string, report: ReportProgress): Promise<Part> {
	const { name, version } = plugin;
	const installed = await installedPlugin(plugin);
	if (installed) {
		return { name, version, executable: installed, origin: "installed on this machine" };
	}
	const file = `pulumi-resource-${name}`;
	const download = [pluginDownload(plugin, architecture())];
	const release = pluginRelease(plugin, cli);
	const downloaded = await makeDownload(`${file}-${version}`, download, release, cache, report);
	if (downloaded) {
		return { name, version, executable: join(downloaded, file), origin: "official release" };
	}
	if (release) {
		const built = await makeBuild(release, cache, report);
		return { name, version, executable: join(built, file), origin: release.origin };
	}
	return double(name, name, version);
}

/** A double that is a script of this repository. */
function double(folder: string, name: string, version: string): Part {
	return { name, version, executable: join(doubles, folder, "plugin.sh"), origin: "double of the rehearsal" };
}
