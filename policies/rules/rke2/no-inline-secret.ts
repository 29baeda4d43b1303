import { addToConfig, everyNode } from "../../lib/examples/nodes.ts";
import { nodeRule } from "../../lib/rules/subjects.ts";

/** Keys whose value is a secret, and the key that takes it from elsewhere instead. */
const secretKeys: Readonly<Record<string, string>> = {
	token: "token-file",
	"agent-token": "agent-token-file",
	"etcd-s3-access-key": "etcd-s3-config-secret",
	"etcd-s3-secret-key": "etcd-s3-config-secret",
	"etcd-s3-session-token": "etcd-s3-config-secret",
};

/** A user name may stand before the password; the host follows the last @. */
const passwordInUrl = /[a-z0-9+.-]:\/\/[^/\s@:]*:[^/\s]*@/i;

/**
 * A secret makes a secret of all of config.yaml, which the preview then hides from the reviewer. The server token also
 * decrypts every etcd snapshot.
 */
export const rke2NoInlineSecret = nodeRule({
	name: "rke2-no-inline-secret",
	description: "The RKE2 configuration holds no secret.",
	severity: "high",
	controls: [],
	frameworks: { cisControls: ["3.3", "3.11"], iso27001: ["A.5.17", "A.8.24"], nist80053: ["IA-5", "SC-28"] },
	remediation: "Write the secret to a file of its own, or into a Secret, and name that in the configuration.",
	url: "https://docs.rke2.io/security/token",
	examples: [
		{
			change: "a token in config.yaml",
			apply: addToConfig(everyNode, "token: 0123456789abcdef"),
			sentence: "/etc/rancher/rke2/config.yaml in proj-k8sm01-converge holds a secret under token; use token-file.",
		},
	],

	check({ files }, report, resource) {
		for (const { path, keys = {} } of files) {
			for (const [key, value] of Object.entries(keys)) {
				if ([value].flat().some((text) => passwordInUrl.test(String(text)))) {
					report(`${path} in ${resource.name} holds a password in a URL under ${key}; remove it.`);
				}
				const instead = secretKeys[key.replace(/\+$/, "")];
				if (instead) {
					report(`${path} in ${resource.name} holds a secret under ${key}; use ${instead}.`);
				}
			}
		}
	},
});
