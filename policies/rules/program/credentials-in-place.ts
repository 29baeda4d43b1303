import { nodeStepOf } from "../../../src/facts/resource-names.ts";
import { editResource } from "../../lib/examples/resources.ts";
import { isObject } from "../../lib/reading/form.ts";
import { whenKnown } from "../../lib/reading/known.ts";
import { localCommand, remoteCommand } from "../../lib/rke2/files.ts";
import type { Resource } from "../../lib/rules/resource.ts";
import type { StackRule } from "../../lib/rules/rule.ts";
import { virtualMachine } from "../../lib/vm/machines.ts";

const secretType = "kubernetes:core/v1:Secret";

/** A shorter text stands in others by chance. */
const shortest = 16;

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
		const credentials = new Map<string, Owner>();
		for (const resource of resources.filter(holdsCredentials)) {
			visit(resource.props, [], (text, path) => {
				const place = placeOf(resource, path);
				if (place === undefined) {
					return;
				}
				for (const credential of credentialsIn(resource, path, plain(resource, path, text))) {
					const isOnlyThere =
						placesOf[place] !== undefined && placesOf[credentials.get(credential)?.place ?? "secret"] === undefined;
					if (credential.length >= shortest && (isOnlyThere || !credentials.has(credential))) {
						credentials.set(credential, { name: resource.name, place });
					}
				}
			});
		}
		const found = [...credentials];
		for (const resource of resources) {
			visit(resource.props, [], (value, path) => {
				const text = plain(resource, path, value);
				const held = found.filter(([credential]) => text.includes(credential));
				const place = held.length > 0 ? placeOf(resource, path) : undefined;
				const foreign = held.find(([, owner]) => !mayStandIn(place, owner));
				if (foreign) {
					report(
						`${resource.name} has in ${path.join(" > ")} a credential of ${foreign[1].name}; remove it, and rotate the credential if this was ever applied.`,
						resource,
					);
				}
			});
		}
	},
};

/** An input that is made for credentials. */
type Place = "key" | "token" | "registries" | "local" | "secret" | "apiToken" | "kubeconfig";
type Owner = Readonly<{ name: string; place: Place }>;

/** Where credentials of the lab itself may stand. Other credentials may be equal: one account of two registries has one password. */
const placesOf: Readonly<Partial<Record<Place, readonly Place[]>>> = {
	key: ["key", "local"],
	token: ["token"],
	apiToken: ["apiToken", "local"],
};

function mayStandIn(place: Place | undefined, owner: Owner): boolean {
	return place !== undefined && (placesOf[owner.place]?.includes(place) ?? true);
}

/** Whether inputs of such a resource are made for credentials. */
function holdsCredentials({ type }: Resource): boolean {
	return [remoteCommand, localCommand, secretType].includes(type) || type.startsWith("pulumi:providers:");
}

/** The kind of an input that is made for a credential. */
function placeOf({ type, name }: Resource, [input, member, ...inner]: readonly string[]): Place | undefined {
	switch (type) {
		case remoteCommand: {
			const step = nodeStepOf(name);
			if (input === "connection") {
				return [member, inner[0]].includes("privateKey") ? "key" : undefined;
			}
			return input === "stdin" && (step === "token" || step === "registries") ? step : undefined;
		}
		case localCommand:
			return input === "stdin" ? "local" : undefined;
		case secretType:
			return (input === "stringData" || input === "data") && secretKey.test(member ?? "") ? "secret" : undefined;
		default:
			return type.startsWith("pulumi:providers:") && (input === "apiToken" || input === "kubeconfig")
				? input
				: undefined;
	}
}

/** The plugin of Kubernetes writes the values of a Secret in base64. */
function plain({ type }: Resource, [input]: readonly string[], text: string): string {
	return type === secretType && input === "data" ? Buffer.from(text, "base64").toString() : text;
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
	if (path[0] === "kubeconfig") {
		return text.split("\n").flatMap((line) => /^\s{0,20}client-key-data: (\S{1,20000})$/.exec(line)?.[1] ?? []);
	}
	// Standard input of a command on the workstation has more than credentials.
	return type === localCommand ? [] : [text.trim()];
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
