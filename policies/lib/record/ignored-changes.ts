/**
 * The changes that the program ignores. The engine hands over the old value of such an input, to the provider and to every policy, so
 * that no policy sees the value that the program wants. In a replacement the provider gets the wanted value all the same
 * (pulumi/pulumi, pkg/resource/deploy/step_generator.go); lib/sdk/received-resources.ts reads it from the outputs.
 */
import { isHostKeyName, isKubeconfigName, type NodeStep, nodeStepOf } from "../../../src/facts/resource-names.ts";
import { localCommand, remoteCommand } from "../rke2/files.ts";
import type { Resource } from "../rules/resource.ts";
import { virtualMachine } from "../vm/machines.ts";

/** An address or a key of a node that changed runs no command again (ADR 33). */
const ofEveryStep: readonly string[] = ["connection"];

/** Every input of a local command: a change of any would run the command again. */
const ofLocalCommand: readonly string[] = ["create", "stdin", "logging"];

/** Steps that happen once in the life of a node or of the cluster. */
const ofSteps: Partial<Readonly<Record<NodeStep, readonly string[]>>> = {
	seed: ["create", "stdin"],
	join: ["create", "stdin"],
	restore: ["create", "stdin"],
	encryption: ["create"],
};

/** The token of the server that begins the cluster. */
const seedToken = /-seed-token$/;

/** cloud-init acts once, and the provider does not read the speed of a disk. */
const ofMachine = /^(?:initialization|disks\[\d{1,2}\]\.speed)$/;

/** @returns the paths of inputs whose changes the resource ignores and the program does not */
export function unknownIgnoredChanges({ type, name, opts: { ignoreChanges } }: Resource): string[] {
	return ignoreChanges.filter((path) => !isKnown(type, name, path));
}

/**
 * An existing command keeps its connection. Without that, the connection of one command could be unknown in a preview, and in the update
 * be that of another machine, which no policy could compare in time. The program learns a host key once: a command that learnt it again
 * would trust the machine that answers then.
 *
 * @returns the inputs that the program keeps as they were, and the resource does not
 */
export function missingIgnoredChanges({ type, name, opts: { ignoreChanges } }: Resource): string[] {
	const kept =
		type === remoteCommand ? ofEveryStep : type === localCommand && isHostKeyName(name) ? ofLocalCommand : [];
	return kept.filter((path) => !ignoreChanges.includes(path));
}

function isKnown(type: string, name: string, path: string): boolean {
	switch (type) {
		case remoteCommand: {
			const step = seedToken.test(name) ? "seed" : nodeStepOf(name);
			return ofEveryStep.includes(path) || (step !== undefined && (ofSteps[step] ?? []).includes(path));
		}
		case localCommand:
			return (isHostKeyName(name) || isKubeconfigName(name)) && ofLocalCommand.includes(path);
		case virtualMachine:
			return ofMachine.test(path);
		default:
			return false;
	}
}
