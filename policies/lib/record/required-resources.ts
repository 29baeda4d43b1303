/** Resources that the program declares for every stack file (policies/record/required). */
import { readFileSync } from "node:fs";

/** Each as its type and its name, with a blank between them; `<name>` stands for the machine or the namespace. */
export interface RequiredResources {
	always: readonly string[];
	/** For each machine. */
	machine: readonly string[];
	/** For each namespace of the platform that the stack has. */
	platform: readonly string[];
	/** For each other namespace. */
	workload: readonly string[];
}

export const requiredResourcesFile = new URL("../../record/required/resources.json", import.meta.url);

let required: RequiredResources | undefined;

/** Read when the first stack is evaluated. */
export function requiredResources(): RequiredResources {
	required ??= JSON.parse(readFileSync(requiredResourcesFile, "utf8")) as RequiredResources;
	return required;
}
