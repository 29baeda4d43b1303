/** The temporary Go module that a release is built in. */
import { copyFile, cp, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { execute } from "./command.ts";
import type { Release, Source } from "./releases.ts";

const rehearsal = fileURLToPath(new URL("..", import.meta.url));

/** Environment of Go in such a module. */
export const moduleEnvironment = {
	GOWORK: "off",
	// Go adds the indirect requirements to the temporary go.mod and go.sum.
	GOFLAGS: "-mod=mod",
};

/** Fills an empty directory. */
export async function makeModule(release: Release, directory: string): Promise<void> {
	await writeFile(join(directory, "go.mod"), goMod(release));
	if (release.source) {
		await copySource(release.source, directory);
	}
}

/** All that a release is made from. It is built again when this changes. */
export async function recipe(release: Release): Promise<unknown> {
	return [release, release.source && (await goFiles(release.source))];
}

function goMod({ name, goVersion, modules, replaced = {} }: Release): string {
	const majorMinor = goVersion.split(".").slice(0, 2).join(".");
	return [
		`module rehearsal.invalid/${name}`,
		`go ${goVersion}`,
		`godebug default=go${majorMinor}`,
		...Object.entries(modules).map(([path, version]) => `require ${path} ${version}`),
		...Object.entries(replaced).map(([path, replacement]) => `replace ${path} => ${replacement}`),
		"",
	].join("\n");
}

async function copySource({ folder, embedded }: Source, directory: string): Promise<void> {
	const source = join(directory, "source");
	await cp(join(rehearsal, folder), source, { recursive: true });
	for (const [module, files] of Object.entries(embedded)) {
		const downloaded = await execute(["go", "mod", "download", "-json", module], {
			directory,
			environment: moduleEnvironment,
		});
		const { Dir: place }: { Dir: string } = JSON.parse(downloaded);
		for (const file of files) {
			await copyFile(join(place, file), join(source, basename(file)));
		}
	}
}

async function goFiles({ folder }: Source): Promise<[name: string, content: string][]> {
	const root = join(rehearsal, folder);
	const names = (await readdir(root, { recursive: true })).filter((name) => /(\.go|\bgo\.mod)$/.test(name)).sort();
	return Promise.all(
		names.map(async (name): Promise<[string, string]> => [name, await readFile(join(root, name), "utf8")]),
	);
}
