import * as pulumi from "@pulumi/pulumi";

/** A function of the engine itself, which a stack reference uses as well: https://github.com/pulumi/pulumi/blob/v3.276.0/pkg/resource/deploy/builtins.go */
const readStackOutputs = "pulumi:pulumi:readStackOutputs";

/**
 * The administrator's kubeconfig as the last `up` left it among the outputs of this stack. Only the state says when its certificate
 * expires, and a stack may read its own outputs: it then gets those of its last `up`. A StackReference would be a resource, with a
 * copy of the outputs of before each `up` in the state, which a refresh would change.
 *
 * @param output name of the stack's output
 */
export async function recordedKubeconfig(output: string): Promise<string | undefined> {
	const name = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
	const { outputs } = (await pulumi.runtime.invoke(readStackOutputs, { name })) as {
		outputs?: Record<string, unknown>;
	};
	const recorded = outputs?.[output];
	return typeof recorded === "string" ? recorded : undefined;
}
