/** Command lines of the program's scripts, taken apart. */
import { type NodeStep, nodeStepOf } from "../../../src/facts/resource-names.ts";
import { whenKnown } from "../reading/known.ts";
import { keepsFormer, type Resource } from "../rules/resource.ts";
import { remoteCommand } from "./files.ts";

/** A command on a node. */
export interface StepCommand {
	resource: Resource;
	step: NodeStep;
	/** The name before the step: of a node, or of the cluster. */
	owner: string;
	/** The arguments of the script; none while they are unknown, and for a step without a script of the toolkit. */
	args: readonly string[];
	/** Whether the engine hands over the command line of the day on which the command was created. */
	isPast: boolean;
}

/** @returns nothing for a resource that is no command of the program on a node */
export function stepCommandOf(resource: Resource): StepCommand | undefined {
	const { type, name, props } = resource;
	const step = type === remoteCommand ? nodeStepOf(name) : undefined;
	return (
		step && {
			...{ resource, step, owner: name.slice(0, -step.length - 1) },
			args: argumentsIn(whenKnown(() => props.create) ?? ""),
			isPast: keepsFormer(resource, "create"),
		}
	);
}

const word = /'[^']*'(?:\\''[^']*')*|[^\s']+/g;

/** The words behind the path of a script, as components/cluster/scripts.ts quotes them. */
function argumentsIn(line: unknown): string[] {
	const words = String(line).match(word) ?? [];
	const script = words.findIndex((one) => one.endsWith(".sh"));
	return script === -1
		? []
		: words.slice(script + 1).map((one) => (one.startsWith("'") ? one.slice(1, -1).replaceAll("'\\''", "'") : one));
}
