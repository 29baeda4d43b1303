import { editFiles, serverNodes } from "../../lib/examples/nodes.ts";
import { serverRule } from "../../lib/rules/subjects.ts";

const providers = ["secretbox", "aescbc"];

/** RKE2 always encrypts. Its default, aescbc, allows padding oracle attacks where an attacker can write to etcd. */
export const rke2SecretsEncryption = serverRule({
	name: "rke2-secrets-encryption",
	description: "The configuration names the provider that encrypts Secrets in etcd.",
	severity: "high",
	controls: ["1.2.28"],
	frameworks: { cisControls: ["3.11"], iso27001: ["A.8.24"], nist80053: ["SC-13", "SC-28"] },
	remediation: "Set `secrets-encryption-provider` to secretbox, or to aescbc where FIPS is required.",
	url: "https://docs.rke2.io/security/secrets_encryption",
	examples: [
		{
			change: "the encryption provider left to RKE2's default",
			apply: editFiles(serverNodes, /\| secrets-encryption-provider: .*\n/, ""),
			sentence:
				"The RKE2 configuration in proj-k8sm01-converge has secrets-encryption-provider: nothing; allowed are secretbox, aescbc.",
		},
	],

	check(config, report) {
		const provider = config.effective["secrets-encryption-provider"];
		if (!providers.includes(String(provider))) {
			report(
				`${config.title} has secrets-encryption-provider: ${provider ?? "nothing"}; allowed are ${providers.join(", ")}.`,
			);
		}
	},
});
