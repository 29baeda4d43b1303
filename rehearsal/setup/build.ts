/** Builds a release from its published Go modules, whose content Go checks against its checksum database. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execute } from "./command.ts";
import type { Architecture, Release } from "./releases.ts";
import type { Report } from "./report.ts";

const heartbeatSeconds = 30;

/** A build that is interrupted goes on where it stopped: Go keeps each finished package in its own cache. */
export async function build(
	release: Release,
	architecture: Architecture,
	directory: string,
	report: Report,
): Promise<void> {
	const module = await mkdtemp(join(tmpdir(), "rke2-rehearsal-build-"));
	try {
		await writeFile(join(module, "go.mod"), goMod(release));
		await mkdir(directory, { recursive: true });
		for (const binary of release.binaries) {
			await withProgress(`Building ${binary.name} ${release.version}`, report, () =>
				execute(
					[
						"go",
						"build",
						"-trimpath",
						"-ldflags",
						linkerFlags(release),
						"-o",
						join(directory, binary.name),
						binary.package,
					],
					{
						directory: module,
						environment: {
							CGO_ENABLED: "0",
							GOOS: "linux",
							GOARCH: architecture,
							GOWORK: "off",
							// What the required modules require in turn is written into the throw-away go.mod and go.sum.
							GOFLAGS: "-mod=mod",
						},
					},
				),
			);
		}
	} finally {
		await rm(module, { recursive: true, force: true });
	}
}

function goMod({ name, goVersion, modules, replaced = {} }: Release): string {
	const majorMinor = goVersion.split(".").slice(0, 2).join(".");
	return [
		`module rehearsal.invalid/${name}`,
		`go ${goVersion}`,
		`godebug default=go${majorMinor}`,
		...Object.entries(modules).map(([path, version]) => `require ${path} ${version}`),
		...Object.entries(replaced).map(([path, version]) => `replace ${path} => ${path} ${version}`),
		"",
	].join("\n");
}

function linkerFlags({ variables }: Release): string {
	return ["-s", "-w", ...Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`)].join(" ");
}

async function withProgress(what: string, report: Report, work: () => Promise<unknown>): Promise<void> {
	const start = Date.now();
	const seconds = () => Math.round((Date.now() - start) / 1000);
	report(`${what} ...`);
	const heartbeat = setInterval(() => report(`${what}: ${seconds()} s so far`), heartbeatSeconds * 1000);
	try {
		await work();
	} finally {
		clearInterval(heartbeat);
	}
	report(`${what}: done in ${seconds()} s`);
}
