import { nodeStepOf } from "../../../src/facts/resource-names.ts";
import { editResource } from "../../lib/examples/resources.ts";
import { isObject } from "../../lib/reading/form.ts";
import { whenKnown } from "../../lib/reading/known.ts";
import { remoteCommand } from "../../lib/rke2/files.ts";
import type { Resource } from "../../lib/rules/resource.ts";
import type { StackRule } from "../../lib/rules/rule.ts";
import { virtualMachine } from "../../lib/vm/machines.ts";

const localCommand = "command:local:Command";
const secretType = "kubernetes:core/v1:Secret";

/** A shorter text stands in others by chance. */
const shortest = 16;

/** Steps whose standard input has credentials. */
const stepsWithCredentials: ReadonlySet<string> = new Set(["token", "registries"]);

/** Keys of a Secret with a value that is secret. */
const secretKey = /(?:secret|password|token|credential)|(?:^|[.-])key$/;

/**
 * The record of known resources knows the form of a text, and a credential has the form of many. A credential in another place gets into
 * a log, into an object that many people may read, or out of the lab.
 */
export const programCredentialsInPlace: StackRule = {
	name: "program-credentials-in-place",
	description: "Each token, password and private key stands only in the inputs that are made for it.",
	severity: "critical",
	controls: [],
	foundation: true,
	frameworks: { cisControls: ["3.11", "4.1"], iso27001: ["A.5.17", "A.8.12"], nist80053: ["IA-5", "SC-28"] },
	remediation: "Remove the credential from the input, and rotate it if the change was ever applied.",
	subject: { plural: "resources", isDeclaredBy: () => true },
	examples: [
		{
			change: "the tokens of the cluster in the description of a machine",
			apply: (resources) => {
				const token = resources.find(({ name }) => name === "proj-k8sm01-token")!.props.stdin;
				return editResource(virtualMachine, "proj-k8sw01", (props) => ({ ...props, description: String(token) }))(
					resources,
				);
			},
			sentence:
				"proj-k8sw01 has in description a credential of cluster-seed-token; remove it, and rotate the credential if this was ever applied.",
		},
	],

	checkStack(resources, report) {
		const credentials = new Map<string, string>();
		for (const resource of resources.filter(holdsCredentials)) {
			visit(resource.props, [], (text, path) => {
				for (const credential of isPlace(resource, path) ? credentialsIn(resource, path, text) : []) {
					if (credential.length >= shortest && !credentials.has(credential)) {
						credentials.set(credential, resource.name);
					}
				}
			});
		}
		const found = [...credentials];
		for (const resource of resources) {
			visit(resource.props, [], (text, path) => {
				const [, owner] = found.find(([credential]) => text.includes(credential)) ?? [];
				if (owner !== undefined && !isPlace(resource, path)) {
					report(
						`${resource.name} has in ${path.join(" > ")} a credential of ${owner}; remove it, and rotate the credential if this was ever applied.`,
						resource,
					);
				}
			});
		}
	},
};

/** Whether inputs of such a resource are made for credentials. */
function holdsCredentials({ type }: Resource): boolean {
	return [remoteCommand, localCommand, secretType].includes(type) || type.startsWith("pulumi:providers:");
}

/** Whether an input is made for a credential. */
function isPlace({ type, name }: Resource, [input, member, ...inner]: readonly string[]): boolean {
	switch (type) {
		case remoteCommand:
			return (
				(input === "connection" && [member, inner[0]].includes("privateKey")) ||
				(input === "stdin" && stepsWithCredentials.has(nodeStepOf(name) ?? ""))
			);
		case localCommand:
			return input === "stdin";
		case secretType:
			return (input === "stringData" || input === "data") && secretKey.test(member ?? "");
		default:
			return type.startsWith("pulumi:providers:") && (input === "apiToken" || input === "kubeconfig");
	}
}

function credentialsIn({ type, name }: Resource, path: readonly string[], text: string): string[] {
	if (type === remoteCommand && path[0] === "stdin") {
		return nodeStepOf(name) === "token"
			? text.split("\n")
			: text.split("\n").flatMap((line) => {
					const [key, ...value] = line.trim().split(": ");
					return key === "password" ? [value.join(": ").replace(/^["']|["']$/g, "")] : [];
				});
	}
	// Standard input of a command on the workstation and a kubeconfig have more than credentials.
	return type === localCommand || path[0] === "kubeconfig" ? [] : [text.trim()];
}

/** Visits every text of a value that is known and as long as a credential. The path is that of the moment. */
function visit(value: unknown, path: string[], look: (text: string, path: readonly string[]) => void): void {
	if (typeof value === "string") {
		if (value.length >= shortest) {
			look(value, path);
		}
	} else if (Array.isArray(value) || isObject(value)) {
		for (const name of Object.keys(value)) {
			path.push(name);
			visit(
				whenKnown(() => (value as Record<string, unknown>)[name]),
				path,
				look,
			);
			path.pop();
		}
	}
}
