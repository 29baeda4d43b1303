import * as pulumi from "@pulumi/pulumi";

const runbook = "docs/operations/reach.md";

/**
 * Says what to do where a node does not let the program in any more: the plugin's own words are those of a protocol. To be
 * bound to each command on the node.
 *
 * @param name unique in the program
 */
export function explainRefusedLogin(name: string, node: string): pulumi.ErrorHook {
	return new pulumi.ErrorHook(name, async ({ errors }) => {
		const sentence = explanation(node, errors[0] ?? "");
		if (sentence !== undefined) {
			await pulumi.log.error(sentence);
		}
		return false;
	});
}

/** @param failure as the plugin words it: golang.org/x/crypto/ssh, handshake.go and client_auth.go */
function explanation(node: string, failure: string): string | undefined {
	if (failure.includes("ssh: host key mismatch")) {
		return `${node} shows another SSH host key than the one that is recorded, and nothing was sent to it. Either its keys were made anew, or somebody else answers at its address: ${runbook} says how to tell, and how to have the new key recorded.`;
	}
	if (failure.includes("ssh: unable to authenticate")) {
		return `${node} refuses the login by the SSH key that is recorded: ${runbook} says how to have another user or key recorded.`;
	}
	return undefined;
}
