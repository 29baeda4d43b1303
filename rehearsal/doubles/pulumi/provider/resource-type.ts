/** Resource types of a plugin. service.ts implements the protocol for all of them. */
import type { z } from "zod";
import type { Properties } from "./values.ts";

/** A request. Property values have the protocol's marks of secrets and unknowns (values.ts). */
export interface Request {
	/** Last part of the URN. */
	name: string;
	/** Checked inputs of the program, or of the state for a deletion. */
	inputs: Properties;
	/** In a preview nothing may change, and inputs may be unknown. */
	preview: boolean;
	/** Aborts when the engine cancels the operation, or after the resource's custom timeout. */
	signal: AbortSignal;
	/** Displays a line for the resource. The engine gets it before the operation ends. */
	status(line: string): void;
}

export interface ExistingRequest extends Request {
	/** Outputs of the last operation, which contain its inputs. */
	state: Properties;
}

/** A resource type. Users see the message of a rejection, so it may contain no secret. */
export interface ResourceType {
	/** Strict at every level, so that unknown inputs are refused by name. */
	inputs: z.ZodType;
	/** Adds defaults, and marks inputs that are always secret. */
	complete(inputs: Properties): Properties;
	/** Inputs whose change as a whole replaces the resource. */
	replaceOn: string[];
	/** Resolves to the id and all outputs. */
	create(request: Request): Promise<{ id: string; outputs: Properties }>;
	/** Resolves to all outputs. */
	update(request: ExistingRequest): Promise<Properties>;
	delete(request: ExistingRequest): Promise<void>;
}
