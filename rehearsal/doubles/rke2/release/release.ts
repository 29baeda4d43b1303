import { createHash } from "node:crypto";
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { create } from "tar";
import { ModuleKind, ScriptTarget, transpileModule } from "typescript";

interface ReleaseOptions {
	/** `vX.Y.Z+rke2rN` */
	version: string;
	/** The release is in a folder of its version below this directory. */
	directory: string;
}

export interface Release {
	/** Path of the tarball. */
	tarball: string;
	/** Digest of the tarball, in hexadecimal. The file `sha256sum-amd64.txt` beside it has it too. */
	sha256: string;
}

const here = import.meta.dirname;
const project = join(here, "../../../..");
const tarballName = "rke2.linux-amd64.tar.gz";

/** npm packages that the double imports. The tarball contains them, because machines reach no registry. */
const bundledPackages = ["@peculiar/x509", "reflect-metadata", "yaml"];

/**
 * Builds the release that the Pulumi program installs: the files and names of RKE2's own release, with the double in it. The
 * same sources give the same bytes, so that the checksum can be pinned.
 */
export async function buildRelease({ version, directory }: ReleaseOptions): Promise<Release> {
	const folder = join(directory, version);
	const tarball = join(folder, tarballName);
	const stage = await mkdtemp(join(tmpdir(), "rke2-release-"));
	try {
		await stageRelease(stage, version);
		await mkdir(folder, { recursive: true });
		const files = (await readdir(stage, { recursive: true, withFileTypes: true }))
			.filter((entry) => entry.isFile())
			.map((entry) => join(entry.parentPath, entry.name).slice(stage.length + 1))
			.sort();
		// Without owners and times the bytes depend on the sources only. Entries of files create their directories.
		await create(
			{ cwd: stage, file: tarball, gzip: true, portable: true, noDirRecurse: true, mtime: new Date(0) },
			files,
		);
	} finally {
		await rm(stage, { recursive: true, force: true });
	}
	const sha256 = createHash("sha256")
		.update(await readFile(tarball))
		.digest("hex");
	await writeFile(join(folder, "sha256sum-amd64.txt"), `${sha256}  ${tarballName}\n`);
	return { tarball, sha256 };
}

async function stageRelease(stage: string, version: string): Promise<void> {
	await cp(join(here, "package"), stage, { recursive: true });
	const program = join(stage, "share/rke2/double");
	await stageProgram(join(here, "../program"), program);
	await writeFile(join(program, "VERSION"), `${version}\n`);
	await writeFile(join(program, "package.json"), `${JSON.stringify({ type: "module", private: true })}\n`);
	for (const name of await withDependencies(bundledPackages)) {
		await cp(join(project, "node_modules", name), join(program, "node_modules", name), {
			recursive: true,
			// Machines do not need type declarations and source maps.
			filter: (path) => !/\.(d\.[cm]?ts|map|md)$/.test(path),
		});
	}
	await normalizeModes(stage);
}

/**
 * Copies the double's program and compiles its TypeScript to JavaScript. Node could strip the types itself, but that takes
 * 18 MiB and 60 ms in each of eight machines.
 */
async function stageProgram(source: string, target: string): Promise<void> {
	for (const entry of await readdir(source, { recursive: true, withFileTypes: true })) {
		if (!entry.isFile()) {
			continue;
		}
		const file = join(entry.parentPath, entry.name);
		const staged = join(target, file.slice(source.length));
		await mkdir(dirname(staged), { recursive: true });
		if (!file.endsWith(".ts")) {
			await cp(file, staged);
			continue;
		}
		const { outputText } = transpileModule(await readFile(file, "utf8"), {
			compilerOptions: {
				module: ModuleKind.ESNext,
				target: ScriptTarget.ES2024,
				rewriteRelativeImportExtensions: true,
				verbatimModuleSyntax: true,
			},
			fileName: file,
		});
		await writeFile(staged.replace(/\.ts$/, ".js"), outputText);
	}
}

/** The packages and their dependencies, as npm installed them for this project. */
async function withDependencies(names: string[]): Promise<Set<string>> {
	const found = new Set<string>();
	const pending = [...names];
	for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
		if (found.has(name)) {
			continue;
		}
		found.add(name);
		const manifest = await readFile(join(project, "node_modules", name, "package.json"), "utf8");
		pending.push(...Object.keys((JSON.parse(manifest) as { dependencies?: object }).dependencies ?? {}));
	}
	return found;
}

// The modes must not depend on the umask of the checkout.
async function normalizeModes(stage: string): Promise<void> {
	for (const entry of await readdir(stage, { recursive: true, withFileTypes: true })) {
		const path = join(entry.parentPath, entry.name);
		const executable = entry.isDirectory() || entry.parentPath === join(stage, "bin");
		await chmod(path, executable ? 0o755 : 0o644);
	}
}
