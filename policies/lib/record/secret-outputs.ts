/**
 * The outputs that the program marks as secret. The plugin of commands marks none itself, and the state then has what the command
 * prints in clear text.
 */
import { isKubeconfigName } from "../../../src/facts/resource-names.ts";
import type { Resource } from "../rules/resource.ts";

const ofKubeconfig: readonly string[] = ["stdout", "stderr"];

/** @returns the outputs of the resource that have the administrator's kubeconfig and are not marked */
export function unmarkedSecretOutputs({ type, name, opts }: Resource): string[] {
	return type === "command:local:Command" && isKubeconfigName(name)
		? ofKubeconfig.filter((output) => !opts.additionalSecretOutputs?.includes(output))
		: [];
}
