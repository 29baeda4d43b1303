import { createHash } from "node:crypto";
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { create } from "tar";
import { ModuleKind, ScriptTarget, transpileModule } from "typescript";

interface ReleaseOptions {
	/** `vX.Y.Z+rke2rN` */
	version: string;
	/** The release lies in a folder of its version below this one. */
	directory: string;
}

export interface Release {
	/** Path of the tarball. */
	tarball: string;
	/** Of the tarball, in hex; also in `sha256sum-amd64.txt` beside it. */
	sha256: string;
}

const HERE = import.meta.dirname;
const PROJECT = join(HERE, "../../../..");
const NAME = "rke2.linux-amd64.tar.gz";

/** npm packages that the double imports: they travel in the tarball, for a machine has no registry. */
const PACKAGES = ["@peculiar/x509", "reflect-metadata", "yaml"];

/**
 * Makes the release that the program installs: laid out and named as RKE2's own, with the double inside. The same
 * sources give the same bytes, so that its checksum can be pinned.
 */
export async function buildRelease({ version, directory }: ReleaseOptions): Promise<Release> {
	const folder = join(directory, version);
	const tarball = join(folder, NAME);
	const stage = await mkdtemp(join(tmpdir(), "rke2-release-"));
	try {
		await stageRelease(stage, version);
		await mkdir(folder, { recursive: true });
		const files = (await readdir(stage, { recursive: true, withFileTypes: true }))
			.filter((entry) => entry.isFile())
			.map((entry) => join(entry.parentPath, entry.name).slice(stage.length + 1))
			.sort();
		// No owners, no times: what is left depends on the sources alone. Directories come into being by their files.
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
	await writeFile(join(folder, "sha256sum-amd64.txt"), `${sha256}  ${NAME}\n`);
	return { tarball, sha256 };
}

async function stageRelease(stage: string, version: string): Promise<void> {
	await cp(join(HERE, "package"), stage, { recursive: true });
	const program = join(stage, "share/rke2/double");
	await stageProgram(join(HERE, "../program"), program);
	await writeFile(join(program, "VERSION"), `${version}\n`);
	await writeFile(join(program, "package.json"), `${JSON.stringify({ type: "module", private: true })}\n`);
	for (const name of await withDependencies(PACKAGES)) {
		await cp(join(PROJECT, "node_modules", name), join(program, "node_modules", name), {
			recursive: true,
			// Type declarations and maps are of no use to a machine.
			filter: (path) => !/\.(d\.[cm]?ts|map|md)$/.test(path),
		});
	}
	await normalizeModes(stage);
}

/**
 * Copies the double's program, its TypeScript as JavaScript: Node could strip the types by itself, but takes 18 MiB and
 * 60 ms for it in each of eight machines.
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

/** The packages and everything that they depend on, as npm has installed them for this project. */
async function withDependencies(names: string[]): Promise<Set<string>> {
	const found = new Set<string>();
	const pending = [...names];
	for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
		if (found.has(name)) {
			continue;
		}
		found.add(name);
		const manifest = await readFile(join(PROJECT, "node_modules", name, "package.json"), "utf8");
		pending.push(...Object.keys((JSON.parse(manifest) as { dependencies?: object }).dependencies ?? {}));
	}
	return found;
}

// Whatever umask the sources were checked out with.
async function normalizeModes(stage: string): Promise<void> {
	for (const entry of await readdir(stage, { recursive: true, withFileTypes: true })) {
		const path = join(entry.parentPath, entry.name);
		const executable = entry.isDirectory() || entry.parentPath === join(stage, "bin");
		await chmod(path, executable ? 0o755 : 0o644);
	}
}
