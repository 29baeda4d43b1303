import * as pulumi from "@pulumi/pulumi";

/**
 * The administrator's kubeconfig as the last `up` left it among the outputs of this stack. Only the state says when its certificate
 * expires, and a stack may refer to itself: it then gets the outputs of its last `up`.
 *
 * @param name unique in the program
 * @param output name of the stack's output
 */
export async function recordedKubeconfig(name: string, output: string): Promise<string | undefined> {
	const stack = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
	const { secretValue } = await new pulumi.StackReference(name, { name: stack }).getOutputDetails(output);
	return typeof secretValue === "string" ? secretValue : undefined;
}
