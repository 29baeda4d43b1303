import { serverRule } from "../../lib/rules/subjects.ts";

const providers = ["secretbox", "aescbc"];

/** RKE2 always encrypts; its default is aescbc, which is open to padding oracles where an attacker can write to etcd. */
export const rke2SecretsEncryption = serverRule({
	name: "rke2-secrets-encryption",
	description: "Secrets are encrypted in etcd by a provider that was chosen.",
	severity: "high",
	evidence: { cisControls: ["3.11"], iso27001: ["A.8.24"], nist80053: ["SC-13", "SC-28"] },
	remediation: "Set `secrets-encryption-provider` to secretbox, or to aescbc where FIPS is required.",
	url: "https://docs.rke2.io/security/secrets_encryption",

	check(config, report) {
		const provider = config.effective["secrets-encryption-provider"];
		if (!providers.includes(String(provider))) {
			report(
				`${config.title} has secrets-encryption-provider: ${provider ?? "nothing"}; allowed are ${providers.join(", ")}.`,
			);
		}
	},
});
