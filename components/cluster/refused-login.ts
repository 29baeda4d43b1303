import * as pulumi from "@pulumi/pulumi";

const runbook = "docs/operations/reach.md";

/**
 * Explains what to do when a node refuses the program's login: the message of the plugin is only that of the protocol. Bind the
 * hook to each command on the node.
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

/** @param failure message of the plugin: golang.org/x/crypto/ssh, handshake.go and client_auth.go */
export function explanation(node: string, failure: string): string | undefined {
	if (failure.includes("proxy: ")) {
		return `The program did not reach ${node} through ssh.bastion: the bastion or ${node} refused the recorded host key, user or SSH key, or does not answer. ${runbook} says how to find out.`;
	}
	if (failure.includes("ssh: host key mismatch")) {
		return `${node} has another SSH host key than the recorded one, and the program sent nothing to it. Either its keys were regenerated, or another machine answers at its address: ${runbook} says how to find out, and how to record the new key.`;
	}
	if (failure.includes("ssh: unable to authenticate")) {
		return `${node} refuses the recorded user or SSH key: ${runbook} says how to record another one.`;
	}
	if (/failed attempts: dial tcp[ :]/.test(failure)) {
		return `The program did not reach SSH on ${node} at its recorded address. If the workstation reaches it at another one by now, ${runbook} says how to record it.`;
	}
	return undefined;
}
