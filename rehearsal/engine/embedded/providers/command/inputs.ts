import { randomBytes } from "node:crypto";
import { z } from "zod";

/** What remote.Command and local.Command have in common. */
export const commandInputs = {
	create: z.string().optional(),
	/** Without it a change runs `create` again. */
	update: z.string().optional(),
	delete: z.string().optional(),
	stdin: z.string().optional(),
	triggers: z.array(z.unknown()).optional(),
	/** What reaches the log as it is printed; a secret output does too. */
	logging: z.enum(["stdout", "stderr", "stdoutAndStderr", "none"]).default("stdoutAndStderr"),
};

export function newId(name: string): string {
	return `${name}${randomBytes(4).toString("hex")}`;
}
