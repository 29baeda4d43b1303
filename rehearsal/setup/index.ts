/** Makes a fresh Debian ready for the rehearsal. A second run finds everything in the cache and takes no time. */
import { makeBinaries } from "./binaries.ts";
import { cacheDirectory, withLock } from "./cache.ts";
import { makeImage } from "./image.ts";
import { prepareKernel } from "./kernel.ts";
import { installPackages } from "./packages.ts";
import { checkMachine } from "./preflight.ts";
import type { ReportProgress } from "./progress.ts";
import { bringPulumi } from "./pulumi/index.ts";
import type { Toolbox } from "./toolbox.ts";

/**
 * @throws Refusal, with nothing changed, when the machine lacks what the set-up does not bring
 * @throws Error with the command that failed; the next run continues after what is done
 */
export async function setUp(report: ReportProgress): Promise<Toolbox> {
	await checkMachine();
	const cache = cacheDirectory();
	return withLock(cache, report, async () => {
		await installPackages(report);
		await prepareKernel(report);
		// First the image: it takes less than a minute, and fails early where apt has no mirror.
		const image = await makeImage(cache, report);
		const binaries = await makeBinaries(cache, report);
		const pulumi = await bringPulumi(cache, report);
		return { binaries, image, pulumi };
	});
}
