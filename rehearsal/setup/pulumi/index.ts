/**
 * Brings Pulumi: its CLI, the language host and the plugins of the project's packages. For each part the first that works:
 * what is on the machine in a version that fits; the official release, checked against the digest that its publisher
 * states; else the part built from published Go modules; else the rehearsal's double for it.
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

/** What the rehearsal runs Pulumi with. */
export interface Pulumi {
	/** Its `bin` holds the CLI, its `plugins` the plugins. */
	home: string;
	parts: Parts;
}

/** Holds the lock of the cache itself. @throws one sentence when a part can be had in no way */
export async function setUpPulumi(report: ReportProgress): Promise<Pulumi> {
	const cache = cacheDirectory();
	return withLock(cache, report, () => bringPulumi(cache, report));
}

/** The caller holds the lock of the cache. */
export async function bringPulumi(cache: string, report: ReportProgress): Promise<Pulumi> {
	const wanted = requirements(project);
	const parts: Parts = { ...(await bringCli(wanted, cache, report)), plugins: [] };
	for (const plugin of wanted.plugins) {
		parts.plugins.push(await bringPlugin(plugin, wanted.cli, cache, report));
	}
	return { home: await makeHome(parts, cache), parts };
}

/** For a person: which CLI and which plugins, and where each came from. */
export function describePulumi({ parts: { cli, languageHost, plugins } }: Pulumi): string {
	const one = ({ name, version, origin }: Part) => `${name} ${version} (${origin})`;
	return `Pulumi ${cli.version} (${cli.origin}); language host ${one(languageHost)}; plugins ${plugins.map(one).join(", ")}`;
}

async function bringCli(
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

async function bringPlugin(plugin: Plugin, cli: string, cache: string, report: ReportProgress): Promise<Part> {
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
