/** The keys that every chart of a stack file has. */
import { chartVersion, sha256 } from "./formats.ts";

/** A chart at one version. */
export const chart = {
	version: chartVersion,
	sha256: sha256
		.optional()
		.describe(
			"Digest of the chart's package, as its publisher states it. `npm run charts:check` prints the digest of the package in the repository. That command and `npm run policy:charts` refuse another package.",
		),
};
