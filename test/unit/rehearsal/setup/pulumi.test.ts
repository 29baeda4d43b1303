/** Where the set-up takes Pulumi from: this machine, or the official releases, here from a mirror on this machine. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { describePulumi, providePulumi } from "../../../../rehearsal/setup/pulumi/index.ts";
import { installedCli, installedPlugin } from "../../../../rehearsal/setup/pulumi/installed.ts";
import { requirements } from "../../../../rehearsal/setup/pulumi/requirements.ts";

const project = fileURLToPath(new URL("../../../..", import.meta.url));
const wanted = requirements(project);
const systemPath = "/usr/bin:/bin";
let directory: string;

beforeEach(async () => {
	directory = await mkdtemp(join(tmpdir(), "pulumi-setup-test-"));
	vi.stubEnv("PATH", systemPath);
	vi.stubEnv("PULUMI_HOME", join(directory, "no-home"));
	onTestFinished(async () => {
		vi.unstubAllEnvs();
		await rm(directory, { recursive: true });
	});
});

test("the CLI and the plugins are those of the pinned packages, each with the repository of its releases", async () => {
	const { dependencies } = JSON.parse(await readFile(join(project, "package.json"), "utf8"));
	expect(wanted.cli).toBe(dependencies["@pulumi/pulumi"]);
	expect(wanted.plugins).toEqual([
		{ name: "proxmoxve", version: dependencies["@muhlba91/pulumi-proxmoxve"], repository: "muhlba91/pulumi-proxmoxve" },
		{ name: "command", version: dependencies["@pulumi/command"], repository: "pulumi/pulumi-command" },
		{ name: "kubernetes", version: dependencies["@pulumi/kubernetes"], repository: "pulumi/pulumi-kubernetes" },
		{ name: "tls", version: dependencies["@pulumi/tls"], repository: "pulumi/pulumi-tls" },
	]);
});

describe("a CLI on PATH", () => {
	async function withCli(version: string, ...beside: string[]): Promise<string> {
		const bin = join(directory, "bin");
		await program(join(bin, "pulumi"), `echo v${version}`);
		for (const name of beside) {
			await program(join(bin, name), "true");
		}
		vi.stubEnv("PATH", `${bin}:${systemPath}`);
		return bin;
	}

	test.each(["3.276.0", "3.300.1"])("%s is used for an SDK 3.276.0", async (version) => {
		const bin = await withCli(version, "pulumi-language-nodejs");
		expect(await installedCli("3.276.0")).toEqual({
			cli: join(bin, "pulumi"),
			languageHost: join(bin, "pulumi-language-nodejs"),
			version,
		});
	});

	test("is used with the language host beside its real file when it is a symbolic link", async () => {
		const cellar = join(directory, "cellar");
		await program(join(cellar, "pulumi"), "echo v3.276.0");
		await program(join(cellar, "pulumi-language-nodejs"), "true");
		await mkdir(join(directory, "bin"));
		await symlink("../cellar/pulumi", join(directory, "bin/pulumi"));
		vi.stubEnv("PATH", `${join(directory, "bin")}:${systemPath}`);
		expect(await installedCli("3.276.0")).toMatchObject({ cli: join(cellar, "pulumi") });
	});

	test.each(["3.275.9", "4.0.0", "unknown"])("%s is not used for an SDK 3.276.0", async (version) => {
		await withCli(version, "pulumi-language-nodejs");
		expect(await installedCli("3.276.0")).toBeUndefined();
	});

	test("is not used when its language host is missing", async () => {
		await withCli("3.276.0");
		expect(await installedCli("3.276.0")).toBeUndefined();
	});
});

describe("a plugin", () => {
	const plugin = { name: "tls", version: "5.6.1", repository: "pulumi/pulumi-tls" };

	test("is used from PULUMI_HOME when it has exactly the version", async () => {
		const home = join(directory, "home");
		vi.stubEnv("PULUMI_HOME", home);
		await program(join(home, "plugins/resource-tls-v5.6.0/pulumi-resource-tls"), "true");
		expect(await installedPlugin(plugin)).toBeUndefined();
		const exact = join(home, "plugins/resource-tls-v5.6.1/pulumi-resource-tls");
		await program(exact, "true");
		expect(await installedPlugin(plugin)).toBe(exact);
	});

	test("is used from PATH when it prints the version", async () => {
		const file = join(directory, "bin/pulumi-resource-tls");
		vi.stubEnv("PATH", `${dirname(file)}:${systemPath}`);
		await program(file, "echo 5.6.0");
		expect(await installedPlugin(plugin)).toBeUndefined();
		await program(file, "echo 5.6.1");
		expect(await installedPlugin(plugin)).toBe(file);
	});
});

describe("official releases", () => {
	/** Content of the mirror by path. */
	const files = new Map<string, Buffer>();
	const downloaded: string[] = [];

	beforeEach(async () => {
		files.clear();
		downloaded.length = 0;
		const { cli, plugins } = wanted;
		const release = `/github.com/pulumi/pulumi/releases/download/v${cli}`;
		const processor = process.arch === "arm64" ? "arm64" : "x64";
		await publish(`${release}/pulumi-v${cli}-linux-${processor}.tar.gz`, `${release}/pulumi-${cli}-checksums.txt`, [
			"pulumi/pulumi",
			"pulumi/pulumi-language-nodejs",
			"pulumi/pulumi-language-go",
		]);
		for (const { name, version, repository } of plugins) {
			const folder = `/github.com/${repository}/releases/download/v${version}`;
			const archive = `pulumi-resource-${name}-v${version}-linux-${process.arch === "arm64" ? "arm64" : "amd64"}.tar.gz`;
			const digests = `${folder}/${basename(repository)}_${version}_checksums.txt`;
			await publish(`${folder}/${archive}`, digests, [`pulumi-resource-${name}`, "README.md"]);
		}
		const server = createServer((request, response) => {
			downloaded.push(request.url ?? "");
			const content = files.get(request.url ?? "");
			response.writeHead(content ? 200 : 404).end(content);
		});
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		vi.stubEnv("REHEARSAL_DOWNLOAD_MIRROR", `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
		onTestFinished(() => {
			server.closeAllConnections();
			server.close();
		});
	});

	/** The publisher of TLS states SHA-1 and names each file with a leading `./`, as `shasum ./*` prints it. */
	async function publish(archive: string, digests: string, members: string[]): Promise<void> {
		const content = await pack(members);
		const [algorithm, prefix] = archive.includes("-tls-") ? ["sha1", "./"] : ["sha256", ""];
		files.set(archive, content);
		files.set(digests, Buffer.from(`${hash(algorithm!, content)}  ${prefix}${basename(archive)}\n`));
	}

	test("are downloaded once, checked, and put where the CLI finds them", async () => {
		const cache = join(directory, "cache");
		const brought = await providePulumi(cache, () => undefined);
		const { cli, languageHost, plugins } = brought.parts;
		expect([cli, languageHost, ...plugins].map(({ origin }) => origin)).toEqual(Array(6).fill("official release"));
		const run = async (file: string) => (await promisify(execFile)(join(brought.home, file))).stdout;
		expect(await run("bin/pulumi")).toBe("pulumi\n");
		expect(await run("bin/pulumi-language-nodejs")).toBe("pulumi-language-nodejs\n");
		for (const { name, version } of wanted.plugins) {
			const file = `pulumi-resource-${name}`;
			expect(await run(`plugins/resource-${name}-v${version}/${file}`)).toBe(`${file}\n`);
		}

		downloaded.length = 0;
		expect(await providePulumi(cache, () => undefined)).toEqual(brought);
		expect(downloaded).toEqual([]);
	});

	test("are described part by part", async () => {
		const { cli, plugins } = wanted;
		const shown = plugins.map(({ name, version }) => `${name} ${version} (official release)`).join(", ");
		expect(describePulumi(await providePulumi(join(directory, "cache"), () => undefined))).toBe(
			`Pulumi ${cli} (official release); language host nodejs ${cli} (official release); plugins ${shown}`,
		);
	});

	test("are refused and not kept when their digest differs", async () => {
		const [archive] = [...files.keys()].filter((path) => path.includes("pulumi-resource-tls"));
		files.set(archive!, await pack(["pulumi-resource-tls"], "echo changed"));
		const cache = join(directory, "cache");
		await expect(providePulumi(cache, () => undefined)).rejects.toThrow(
			/^https:\/\/github\.com\/pulumi\/pulumi-tls\/.*\.tar\.gz has the SHA-1 .* The file was not used\.$/,
		);
		const kept = await readdir(join(cache, "downloads"), { recursive: true });
		expect(kept.filter((path) => path.includes("-tls-") && !path.endsWith(".unfinished"))).toEqual([]);
	});

	test("are replaced by the rehearsal's double when the publisher has none", async () => {
		for (const path of [...files.keys()].filter((path) => path.includes("/pulumi-command/"))) {
			files.delete(path);
		}
		const { home, parts } = await providePulumi(join(directory, "cache"), () => undefined);
		const command = parts.plugins.find(({ name }) => name === "command");
		expect(command?.origin).toBe("double of the rehearsal");
		expect(await readlink(join(home, `plugins/resource-command-v${command?.version}/pulumi-resource-command`))).toBe(
			join(project, "rehearsal/doubles/pulumi/command/plugin.sh"),
		);
	});
});

function hash(algorithm: string, content: Buffer): string {
	return createHash(algorithm).update(content).digest("hex");
}

/** An archive of programs that print their own name. */
async function pack(members: string[], script = 'basename "$0"'): Promise<Buffer> {
	const source = await mkdtemp(join(directory, "archive-"));
	for (const member of members) {
		await program(join(source, member), script);
	}
	const archive = join(directory, "archive.tar.gz");
	await promisify(execFile)("tar", ["-czf", archive, "-C", source, ...members]);
	return readFile(archive);
}

async function program(file: string, script: string): Promise<void> {
	await mkdir(dirname(file), { recursive: true });
	await writeFile(file, `#!/bin/sh\n${script}\n`);
	await chmod(file, 0o755);
}
