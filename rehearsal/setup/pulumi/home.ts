/** Puts the CLI and the plugins into one directory with Pulumi's layout. */
import { createHash } from "node:crypto";
import { constants, copyFile, link, mkdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeOnce } from "../cache.ts";

export interface Parts {
	cli: Part;
	languageHost: Part;
	plugins: Part[];
}

export interface Part {
	/** `pulumi`, `nodejs`, or the name of a plugin. */
	name: string;
	/** Without a leading `v`. For a plugin: the version that the program requires. */
	version: string;
	executable: string;
	/** Origin of the part, as text. */
	origin: string;
}

/** @returns a directory with the CLI in `bin`, and the plugins in `plugins` as in PULUMI_HOME */
export async function makeHome({ cli, languageHost, plugins }: Parts, cache: string): Promise<string> {
	const everything = [cli, languageHost, ...plugins].map(({ name, version, executable }) => [
		name,
		version,
		executable,
	]);
	const key = createHash("sha256").update(JSON.stringify(everything)).digest("hex").slice(0, 12);
	return makeOnce(join(cache, "pulumi", key), async (directory) => {
		const bin = join(directory, "bin");
		await mkdir(bin);
		// The CLI looks for its language host beside its own file, and follows symbolic links first.
		await linkOrCopy(cli.executable, join(bin, "pulumi"));
		await symlink(languageHost.executable, join(bin, "pulumi-language-nodejs"));
		for (const { name, version, executable } of plugins) {
			const place = join(directory, "plugins", `resource-${name}-v${version}`, `pulumi-resource-${name}`);
			await mkdir(dirname(place), { recursive: true });
			await symlink(executable, place);
		}
	});
}

/** A hard link is free, but only works in one file system. */
async function linkOrCopy(source: string, target: string): Promise<void> {
	await link(source, target).catch(() => copyFile(source, target, constants.COPYFILE_FICLONE));
}
