import { editResource } from "../../lib/examples/resources.ts";
import { isObject } from "../../lib/reading/form.ts";
import { whenKnown } from "../../lib/reading/known.ts";
import { remoteCommand } from "../../lib/rke2/files.ts";
import type { Report, ResourceRule } from "../../lib/rules/rule.ts";

type Values = Record<string, unknown>;

/** Without a host key the plugin connects to any machine: pulumi-command, provider/pkg/provider/remote/connection.go. */
export const programPinnedHostKeys: ResourceRule = {
	name: "program-pinned-host-keys",
	description:
		"The program reaches nodes and a bastion only by SSH host keys that are pinned, and with keys of its own.",
	severity: "critical",
	type: remoteCommand,
	controls: [],
	foundation: true,
	frameworks: { cisControls: ["4.1", "12.6"], iso27001: ["A.8.20", "A.8.24"], nist80053: ["IA-3", "SC-8", "SC-23"] },
	remediation: "Leave connections to src/ssh/connection.ts, and set `ssh.bastion.hostKey` for a bastion.",
	subject: { plural: "commands on nodes", isDeclaredBy: ({ type }) => type === remoteCommand },
	examples: [
		{
			change: "a bastion without a host key",
			apply: editResource(remoteCommand, "proj-k8sw01-prepare", (props) => ({
				...props,
				connection: { ...(props.connection as object), proxy: { host: "bastion.lab.internal", user: "jump" } },
			})),
			sentence:
				"proj-k8sw01-prepare reaches its bastion without a hostKey, so any machine could be the bastion; pin its host key.",
		},
	],

	checkResource({ name, props }, report) {
		// The update puts the rule to it, before the command runs.
		const connection = whenKnown(() => props.connection ?? {});
		if (connection === undefined) {
			return;
		}
		checkLogin(`${name} reaches its node`, "node", connection, report);
		const proxy = isObject(connection) ? connection.proxy : undefined;
		if (proxy !== undefined) {
			checkLogin(`${name} reaches its bastion`, "bastion", proxy, report);
		}
	},
};

function checkLogin(subject: string, machine: "node" | "bastion", login: unknown, report: Report): void {
	const values: Values = isObject(login) ? login : {};
	// Before a machine exists its host key is unknown. The one of a bastion stands in the stack file.
	const isPinned = machine === "node" ? whenKnown(() => !isMissing(values.hostKey)) : !isMissing(values.hostKey);
	if (isPinned === false) {
		report(`${subject} without a hostKey, so any machine could be the ${machine}; pin its host key.`);
	}
	for (const key of ["password", "agentSocketPath"].filter((other) => !isMissing(values[other]))) {
		report(`${subject} with ${key}; allowed is a privateKey.`);
	}
}

function isMissing(value: unknown): boolean {
	return value === undefined || value === null || value === "";
}
