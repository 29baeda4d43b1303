/** A resource of a program, as rules read it. */

/**
 * A resource as a rule sees it. Reading a value that is not known yet throws, and the rule then counts as violated;
 * secrets arrive in clear text, so no message may repeat a value that can be one.
 */
export interface Resource {
	/** Raw type token, e.g. `kubernetes:core/v1:NamespacePatch`. */
	type: string;
	name: string;
	urn: string;
	/** The inputs. */
	props: Record<string, unknown>;
	opts: {
		/** Paths of inputs that keep the value they had when the resource was created. */
		ignoreChanges: readonly string[];
		/** Whether Pulumi refuses to delete or replace the resource. */
		protect: boolean;
		/** Outputs that the state encrypts although their provider does not say that they are secret; none when left out. */
		additionalSecretOutputs?: readonly string[];
	};
	/** Whether all inputs are those of a creation in this run, also those whose changes the resource ignores. */
	isReplacement?: true;
}

/** Whether the value of an input can be that of the day on which the resource was created. */
export function keepsFormer({ opts, isReplacement }: Resource, input: string): boolean {
	return isReplacement !== true && opts.ignoreChanges.includes(input);
}

/** Thrown where a rule cannot read a value that it needs. The message is the first half of a sentence, with the reason. */
export class UndecidableError extends Error {}
