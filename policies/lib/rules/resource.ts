/** What rules judge: the resources of a program. */

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
	};
}

/** Thrown by a rule that cannot read what it must judge; the message is half a sentence that says why. */
export class UndecidableError extends Error {}
