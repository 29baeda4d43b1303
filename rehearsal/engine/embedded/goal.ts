import type { PlanOptions } from "./plan.ts";
import type { CustomTimeouts } from "./state.ts";
import type { Properties } from "./wire.ts";

/** Names of registered hooks by the moment at which a resource calls for them. */
type HookBinding = Record<"beforeCreate" | "afterCreate" | "beforeUpdate" | "afterUpdate", string[]>;

/** What a program asks for when it registers a resource. */
export interface Goal extends PlanOptions {
	type: string;
	name: string;
	custom: boolean;
	parent: string;
	inputs: Properties;
	provider: string;
	dependencies: string[];
	propertyDependencies: Record<string, string[]>;
	/** URNs under which the state may know the resource. */
	aliases: string[];
	deletedWith: string;
	protect: boolean;
	retainOnDelete: boolean;
	additionalSecretOutputs: string[];
	customTimeouts: CustomTimeouts;
	hooks: HookBinding;
}
