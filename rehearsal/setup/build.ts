/** Builds a release from its published Go modules. Go checks them against its checksum database. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { execute } from "./command.ts";
import { makeModule, moduleEnvironment } from "./go-module.ts";
import type { ReportProgress } from "./progress.ts";
import type { Architecture, Release } from "./releases.ts";

const heartbeatSeconds = 30;

/** MiB for each compiler or linker: half of the memory for all together, at most 2 GiB each. Go runs one on each processor. */
const memoryLimit = Math.max(256, Math.min(2048, Math.floor(totalmem() / 2 ** 21 / availableParallelism())));

/**
 * No garbage collection in the compiler and the linker below the limit (https://go.dev/doc/gc-guide). With Go's defaults it
 * takes a quarter of a build's processor time.
 */
const garbageCollection = { GOGC: "off", GOMEMLIMIT: `${memoryLimit}MiB` };

/** An interrupted build continues where it stopped, because Go caches each finished package. */
export async function build(
	release: Release,
	architecture: Architecture,
	directory: string,
	report: ReportProgress,
): Promise<void> {
	const module = await mkdtemp(join(tmpdir(), "rke2-rehearsal-build-"));
	try {
		await makeModule(release, module);
		await mkdir(directory, { recursive: true });
		for (const binary of release.binaries) {
			await withProgress(`Building ${binary.name} ${release.version}`, report, () =>
				execute(
					[
						"go",
						"build",
						"-trimpath",
						// Without data for debuggers, which the linker would drop and which cost a tenth of the build.
						"-gcflags=all=-dwarf=false",
						`-ldflags=${linkerFlags(release)}`,
						`-tags=${(release.tags ?? []).join(",")}`,
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
							...garbageCollection,
							...moduleEnvironment,
						},
					},
				),
			);
		}
	} finally {
		await rm(module, { recursive: true, force: true });
	}
}

function linkerFlags({ variables }: Release): string {
	return ["-s", "-w", ...Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`)].join(" ");
}

async function withProgress(what: string, report: ReportProgress, work: () => Promise<unknown>): Promise<void> {
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
