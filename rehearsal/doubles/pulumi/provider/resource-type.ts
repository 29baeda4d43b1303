/** What a plugin says of each of its resource types; service.ts speaks the protocol for all of them. */
import type { z } from "zod";
import type { Properties } from "./values.ts";

/** Property values carry the wire's marks of secrets and unknowns (values.ts). */
export interface Request {
	/** Last part of the URN. */
	name: string;
	/** Checked inputs: of the program, or for a deletion those of the state. */
	inputs: Properties;
	/** Nothing may be changed, and inputs may be unknown. */
	preview: boolean;
	/** Aborts when the engine cancels the operation, or when the resource's custom timeout is over. */
	signal: AbortSignal;
	/** Shows a line beside the resource in the engine's display. It is delivered before the operation ends. */
	status(line: string): void;
}

export interface ExistingRequest extends Request {
	/** Outputs of the last operation, which contain its inputs. */
	state: Properties;
}

/** A rejection's message is the text that the user sees: it may hold no secret. */
export interface ResourceType {
	/** Strict at every level, so that an input that the type does not know is refused by name. */
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
