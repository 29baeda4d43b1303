import { isHostKeyName } from "../../../src/facts/resource-names.ts";
import { editResource } from "../../lib/examples/resources.ts";
import { shaped } from "../../lib/reading/shape.ts";
import type { StackRule } from "../../lib/rules/rule.ts";

const localCommand = "command:local:Command";
const provider = "pulumi:providers:proxmoxve";

/** The URL among the words of a command line, without the quotes of a shell. */
const address = /(?<=[ '])https?:\/\/[^\s']+/g;

/**
 * The command that learns a host key sends the token of Proxmox in a header of its request. The record of known resources knows the
 * path of the request; the host of the request is a value of the stack file, and only the provider says which one.
 */
export const programHostKeyEndpoint: StackRule = {
	name: "program-host-key-endpoint",
	description: "A command that learns a host key from Proxmox asks the endpoint of the provider, and nothing else.",
	severity: "critical",
	controls: [],
	foundation: true,
	frameworks: { cisControls: ["4.1", "12.6"], iso27001: ["A.5.17", "A.8.20"], nist80053: ["IA-5", "SC-8"] },
	remediation:
		"Take the address from `proxmox.endpoint`. After a change of that key, replace the command: `pulumi up --replace` with its URN reads the same host key again.",
	subject: {
		plural: "commands that learn a host key",
		isDeclaredBy: ({ type, name }) => type === localCommand && isHostKeyName(name),
	},
	examples: [
		{
			change: "a host key from a host that is not Proxmox",
			apply: editResource(localCommand, "proj-k8sw01-host-key", (props) => ({
				...props,
				create:
					"bash -s -- proj-k8sw01 10.25.20.7 600 'https://10.25.20.66:8006/api2/json/nodes/node04/qemu/120/agent/file-read?file=%2Fetc%2Fssh%2Fssh_host_ed25519_key.pub'",
			})),
			sentence:
				"proj-k8sw01-host-key sends the token of Proxmox to https://10.25.20.66:8006; allowed is https://10.16.207.61:8006, the endpoint of the provider.",
		},
	],

	checkStack(resources, report) {
		const endpoints = resources
			.filter(({ type }) => type === provider)
			.map(({ name, props }) =>
				originOf(shaped(props.endpoint, "string", { path: ["endpoint"], owner: () => name }) ?? ""),
			);
		for (const resource of resources) {
			const { type, name, props } = resource;
			if (type !== localCommand || !isHostKeyName(name)) {
				continue;
			}
			const asked = String(props.create).match(address)?.map(originOf) ?? [];
			for (const origin of asked.filter((one) => !endpoints.includes(one))) {
				report(
					`${name} sends the token of Proxmox to ${origin}; allowed is ${endpoints.join(" or ") || "no address"}, the endpoint of the provider.`,
					resource,
				);
			}
		}
	},
};

/** @returns the text itself where it is no address, so that a sentence has it */
function originOf(text: string): string {
	return URL.canParse(text) ? new URL(text).origin : text;
}
