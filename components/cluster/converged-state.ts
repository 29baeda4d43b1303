import { parseBundle } from "../../src/rke2/bundle.ts";
import { releaseIn } from "../../src/rke2/release-argument.ts";
import type { ConvergedState } from "../../src/rke2/rollout.ts";

/**
 * The version, files and revisions in the inputs of converge.ts.
 *
 * @returns nothing when the inputs are secret, unknown or of another form: then the script checks the node itself during `up`
 */
export function convergedStateIn(inputs: Record<string, unknown> | undefined): ConvergedState | undefined {
	const { create, stdin } = inputs ?? {};
	if (typeof create !== "string" || typeof stdin !== "string") {
		return undefined;
	}
	const version = releaseIn(create);
	const revisions = create.split(" ").filter((argument) => /^[0-9a-f]{64}$/.test(argument));
	return version === undefined ? undefined : { version, files: parseBundle(stdin), revisions };
}
