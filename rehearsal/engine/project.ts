/** The part of Pulumi.yaml that Pulumi needs to start a program. */
import { readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

const projectFile = z.object({
	name: z.string(),
	main: z.string().default("."),
	runtime: z.object({ name: z.literal("nodejs"), options: z.object({ typescript: z.literal(false) }).loose() }),
});

export interface Project {
	name: string;
	/** Working directory of the program: as in the CLI, that of its entry file. */
	programDirectory: string;
	/** Entry file in that directory, or "." for the one in package.json. */
	entry: string;
}

/** Throws when Pulumi.yaml does not describe a Node program without a build step. */
export function readProject(directory: string): Project {
	const file = join(directory, "Pulumi.yaml");
	const parsed = projectFile.safeParse(parse(readFileSync(file, "utf8")));
	if (!parsed.success) {
		throw new Error(
			`${file} is not a project that the rehearsal can run: ${z.prettifyError(parsed.error).replaceAll("\n", " ")}; it needs a name and runtime {name: nodejs, options: {typescript: false}}.`,
		);
	}
	const { name, main } = parsed.data;
	const target = join(directory, main);
	return statSync(target).isDirectory()
		? { name, programDirectory: target, entry: "." }
		: { name, programDirectory: dirname(target), entry: basename(target) };
}
