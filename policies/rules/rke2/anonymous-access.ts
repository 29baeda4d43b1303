import { paths } from "../../../src/rke2/paths.ts";
import { editFiles, serverNodes } from "../../lib/examples/nodes.ts";
import { nodeFiles, parsedFile, remoteCommand } from "../../lib/rke2/files.ts";
import type { ResourceRule } from "../../lib/rules/rule.ts";
import { serverConfigurations } from "../../lib/rules/subjects.ts";

const kind = "AuthenticationConfiguration";

interface AuthenticationConfiguration {
	kind?: string;
	anonymous?: { enabled?: boolean };
}

/** An authentication configuration may allow anonymous requests, even if the argument of the API server does not. */
export const rke2AnonymousAccess: ResourceRule = {
	name: "rke2-anonymous-access",
	description: "No authentication configuration allows anonymous requests.",
	severity: "high",
	controls: ["1.2.1"],
	frameworks: { cisControls: ["6.8"], iso27001: ["A.8.2"], nist80053: ["AC-3", "IA-2"] },
	remediation: "Remove `anonymous` from the authentication configuration of the API server.",
	url: "https://kubernetes.io/docs/reference/access-authn-authz/authentication/#anonymous-authenticator-configuration",
	type: remoteCommand,
	subject: serverConfigurations,
	examples: [
		{
			change: "an authentication configuration that allows anonymous requests",
			apply: editFiles(
				serverNodes,
				/^file /m,
				[
					`file ${paths.authentication} 0600 root:root`,
					"| kind: AuthenticationConfiguration",
					"| anonymous: { enabled: true }",
					"file ",
				].join("\n"),
			),
			sentence:
				"/etc/rancher/rke2/authentication.yaml in proj-k8sm01-converge enables anonymous access to the API; remove it.",
		},
	],

	checkResource(resource, report) {
		for (const file of nodeFiles(resource).filter(({ content }) => content.includes(kind))) {
			const configuration = parsedFile(file, resource) as AuthenticationConfiguration | null;
			if (configuration?.kind === kind && configuration.anonymous?.enabled === true) {
				report(`${file.path} in ${resource.name} enables anonymous access to the API; remove it.`);
			}
		}
	},
};
