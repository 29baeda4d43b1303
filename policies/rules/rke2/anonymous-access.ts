import { nodeFiles, parsedFile, remoteCommand, serverConfigOf } from "../../lib/rke2/files.ts";
import type { ResourceRule } from "../../lib/rules/rule.ts";

const kind = "AuthenticationConfiguration";

interface AuthenticationConfiguration {
	kind?: string;
	anonymous?: { enabled?: boolean };
}

/** An authentication configuration may let anonymous requests in, whatever the argument of the API server says. */
export const rke2AnonymousAccess: ResourceRule = {
	name: "rke2-anonymous-access",
	description: "No authentication configuration lets anybody in anonymously.",
	severity: "high",
	evidence: { cisControls: ["6.8"], iso27001: ["A.8.2"], nist80053: ["AC-3", "IA-2"] },
	remediation: "Remove `anonymous` from the authentication configuration of the API server.",
	url: "https://kubernetes.io/docs/reference/access-authn-authz/authentication/#anonymous-authenticator-configuration",
	type: remoteCommand,
	concerned: serverConfigOf,

	checkResource(resource, report) {
		for (const file of nodeFiles(resource).filter(({ content }) => content.includes(kind))) {
			const configuration = parsedFile(file, resource) as AuthenticationConfiguration | null;
			if (configuration?.kind === kind && configuration.anonymous?.enabled === true) {
				report(`${file.path} in ${resource.name} enables anonymous access to the API; remove it.`);
			}
		}
	},
};
