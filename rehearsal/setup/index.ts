/** Sets up a Debian computer for the rehearsal. A second run finds everything in the cache. */
import { makeBinaries } from "./binaries.ts";
import { cacheDirectory, withLock } from "./cache.ts";
import { makeImage } from "./image.ts";
import { prepareKernel } from "./kernel.ts";
import { installPackages } from "./packages.ts";
import { checkMachine } from "./preflight.ts";
import type { ReportProgress } from "./progress.ts";
import { providePulumi } from "./pulumi/index.ts";
import type { Toolbox } from "./toolbox.ts";

/**
 * @throws Refusal before any change, when the computer lacks a requirement that the set-up does not install
 * @throws Error with the command that failed; the next run continues after the completed steps
 */
export async function setUp(report: ReportProgress): Promise<Toolbox> {
	await checkMachine();
	const cache = cacheDirectory();
	return withLock(cache, report, async () => {
		await installPackages(report);
		await prepareKernel(report);
		// The image comes first: it takes less than a minute, and fails early when apt has no mirror.
		const image = await makeImage(cache, report);
		const binaries = await makeBinaries(cache, report);
		const pulumi = await providePulumi(cache, report);
		return { binaries, image, pulumi };
	});
}
