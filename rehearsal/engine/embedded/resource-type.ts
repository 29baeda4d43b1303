/** What a resource type of the embedded host does: the part that a provider plugin plays for the real engine. */
import { randomUUID } from "node:crypto";
import type { z } from "zod";
import type { Diagnostic } from "../engine.ts";
import { containsUnknown, type Properties, plain, UNKNOWN, type Value } from "./wire.ts";

/** What an operation on one resource may use. All values are plain: never put them in a message. */
export interface Operation<Inputs> {
	urn: string;
	name: string;
	inputs: Inputs;
	/** Inputs of the explicit provider; empty without one. */
	provider: Properties;
	/** Of the program: `NODE_EXTRA_CA_CERTS`, `PATH` and the like. */
	environment: NodeJS.ProcessEnv;
	/** Private scratch space, mode 0700. */
	workDirectory: string;
	/** `customTimeouts` of this operation in seconds. */
	timeoutSeconds?: number;
	log(severity: Diagnostic["severity"], message: string): void;
}

export interface Existing<Inputs> extends Operation<Inputs> {
	id: string;
	outputs: Properties;
}

interface Update<Inputs> extends Existing<Inputs> {
	oldInputs: Inputs;
}

export interface ResourceType<Inputs = Properties> {
	/** Inputs that the type accepts: strict at every level, so that the rest is refused by name. */
	inputs: z.ZodType<Inputs>;
	/** Paths of inputs whose change replaces the resource. */
	replaceOn: string[] | ((before: Properties, after: Properties) => string[]);
	/** Whether a replacement has to remove the old instance first; the option of the same name wins. Default: no. */
	deletesBeforeReplace?(before: Properties, after: Properties): boolean;
	/** Whether an instance whose creation failed halfway gives way to a new one. Default: no, an update finishes it. */
	replacesIncomplete?(inputs: Properties): boolean;
	/** Whether outputs that an update did not compute stay known in a preview of that update. */
	keepsOutputs: boolean;
	/** Outputs that are always secret. */
	secretOutputs?: string[];
	/** Outputs are those beyond the inputs, which the host adds. Rejects with `Incomplete` when something was left behind. */
	create(operation: Operation<Inputs>): Promise<{ id: string; outputs: Properties }>;
	update(operation: Update<Inputs>): Promise<Properties>;
	delete(operation: Existing<Inputs>): Promise<void>;
}

// Methods take their parameters bivariantly, so that types of all inputs fit in one table.
export type AnyResourceType = ResourceType<unknown>;
export type ResourceTypes = Record<string, AnyResourceType>;

/** A creation failed halfway: the resource exists, and the next update has to finish it. */
export class Incomplete extends Error {
	readonly id: string;
	constructor(id: string, message: string) {
		super(message);
		this.id = id;
	}
}

/** A provider resource: nothing but configuration, with an id of its own that stays as long as it is not replaced. */
export function configOnly(inputs: z.ZodType, replaceOn: AnyResourceType["replaceOn"]): AnyResourceType {
	return {
		inputs,
		replaceOn,
		keepsOutputs: true,
		create: async () => ({ id: randomUUID(), outputs: {} }),
		update: async () => ({}),
		delete: async () => {},
	};
}

/** Throws one sentence that names every input which is unknown to the type or has a wrong shape. */
export function checkInputs(type: AnyResourceType, inputs: Properties): void {
	const values = plain(inputs);
	const checked = type.inputs.safeParse(values);
	if (checked.success) {
		return;
	}
	const problems = checked.error.issues.filter((issue) => !isUnknown(values, issue.path)).map(describe);
	if (problems.length > 0) {
		throw new Error(`asks for what the embedded host does not know or cannot take: ${problems.join("; ")}`);
	}
}

function describe(issue: z.core.$ZodIssue): string {
	const at = issue.path.join(".");
	if (issue.code === "unrecognized_keys") {
		return `input ${issue.keys.map((key) => (at ? `${at}.${key}` : key)).join(", ")} is not supported`;
	}
	return `input ${at}: ${issue.message}`;
}

/** In a preview a value may be unknown, or a text that holds an unknown. */
function isUnknown(inputs: Properties, path: PropertyKey[]): boolean {
	let value: Value | undefined = inputs;
	for (const part of path) {
		if (value === UNKNOWN) {
			return true;
		}
		value = (value as Record<PropertyKey, Value> | undefined)?.[part];
	}
	return typeof value === "string" && containsUnknown(value);
}

export function parseInputs<Inputs>(type: ResourceType<Inputs>, inputs: Properties): Inputs {
	return type.inputs.parse(plain(inputs));
}
