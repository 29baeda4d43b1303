/** What a stack file says of every chart. */
import { chartVersion, sha256 } from "./formats.ts";

/** A chart at one version. */
export const chart = {
	version: chartVersion,
	sha256: sha256
		.optional()
		.describe(
			"Digest of the chart's package, as its publisher vouches for it. `npm run charts:check` prints what the repository gives out; it and `npm run policy:charts` refuse any other.",
		),
};
