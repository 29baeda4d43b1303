/** The first preview of a stack, without an engine and without a credential: all resources that the program declares. */
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";
import { setAllConfig } from "@pulumi/pulumi/runtime/config.js";
import { type Mocks, setMocks } from "@pulumi/pulumi/runtime/mocks.js";
import { disconnect } from "@pulumi/pulumi/runtime/settings.js";
import protobuf from "google-protobuf/google/protobuf/struct_pb.js";
import { placeholderPrivateKey } from "../../src/config/formats/ssh-keys.ts";
import "../../src/sdk/lazy-properties.ts";
import { recordRegistrations } from "../../src/sdk/mock-monitor.ts";
import { withPlaceholderAuthority } from "./placeholder-authority.ts";

/** A resource on its way to the engine. */
export interface Declared {
	type: string;
	name: string;
	urn: string;
	/** As on the wire: secrets marked, unknown values by their sentinel. */
	inputs: protobuf.Struct;
	ignoreChanges: string[];
	protect: boolean;
	/** None when left out. */
	additionalSecretOutputs?: string[];
}

/** The same with the options that decide its order and its replacement. */
export interface Registered extends Declared {
	/** Properties whose change replaces the resource, as the program says. */
	replaceOnChanges: string[];
	/** Whether a value of its node's VM replaces it: then a VM that is made anew does. */
	hasTrigger: boolean;
	/** Type of its parent; empty for a resource of the stack itself. */
	parentType: string;
	/** What it waits for, each as `<type>::<name>`. */
	dependsOn: string[];
	/** The resources whose outputs a property takes, each as `<type>::<name>`, by property. */
	outputsIn: Record<string, string[]>;
}

type MockResource = Mocks["newResource"];

const project = "rke2-lab";

/** Resources that only group others. Components of other packages have inputs, and the resources that they make do not show here. */
const ownComponents = new RegExp(`^(?:pulumi:pulumi:Stack$|${project}:)`);

/** Placeholders of the right form; the preview sends nothing anywhere. */
export const previewSecrets = {
	proxmoxApiToken: "pulumi@pve!lab=00000000-0000-0000-0000-000000000000",
	clusterToken: "feedfacefeedfacefeedfacefeedface",
	bastionKey: placeholderPrivateKey("placeholder"),
	cloudflareApiToken: "placeholder",
	dns01Secret: "placeholder",
	etcdS3AccessKey: "placeholder",
	etcdS3SecretKey: "placeholder",
};

/** The outputs of a resource, by its name and inputs, in a run after the first; and the result of a function, which has no name. */
export type Outputs = (type: string, name: string, inputs: Record<string, unknown>) => Record<string, unknown>;

/** Numbers the previews of this process: the program is a module that runs when it is loaded, once for each name. */
let previews = 0;

/**
 * Runs the unmodified program. Every output of a resource is unknown, as in the first preview of a stack.
 *
 * @param values of a stack file, by key without the project's name
 * @param own placeholders of secrets to take instead of the usual ones, by key
 * @param outputs where the resources exist already: nothing is unknown then
 */
export async function previewStack(
	values: Readonly<Record<string, unknown>>,
	own: Readonly<Record<string, string>> = {},
	outputs?: Outputs,
): Promise<Registered[]> {
	const declared: Registered[] = [];
	const placeholder = await withPlaceholderAuthority(values);
	const placeholders = { ...previewSecrets, ...own, ...placeholder.secrets };
	const endRecording = recordRegistrations((request) => {
		if (request.getCustom() || !ownComponents.test(request.getType())) {
			const [type, name] = [request.getType(), request.getName()];
			declared.push({
				type,
				name,
				urn: `urn:pulumi:preview::${project}::${type}::${name}`,
				inputs: request.getObject() ?? new protobuf.Struct(),
				ignoreChanges: request.getIgnorechangesList(),
				protect: request.getProtect() ?? false,
				additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
				replaceOnChanges: request.getReplaceonchangesList(),
				hasTrigger: request.hasReplacementTrigger(),
				parentType: typeOf(request.getParent()),
				dependsOn: request.getDependenciesList().map(keyOf),
				outputsIn: outputsIn(request),
			});
		}
	});
	try {
		const newResource: MockResource = ({ type, name, inputs }) =>
			outputs ? { id: name, state: { ...inputs, ...outputs(type, name, inputs) } } : { id: undefined, state: {} };
		// The outputs of the stack's own last run come from a function of the engine.
		const call: Mocks["call"] = ({ token, inputs }) => outputs?.(token, "", inputs) ?? {};
		await setMocks({ newResource, call }, project, "preview", outputs === undefined, "preview");
		setAllConfig(
			Object.fromEntries(
				Object.entries({ ...placeholder.values, ...placeholders }).map(([key, value]) => [
					`${project}:${key}`,
					typeof value === "string" ? value : JSON.stringify(value),
				]),
			),
			Object.keys(placeholders).map((key) => `${project}:${key}`),
		);
		const program = new URL("../../src/index.ts", import.meta.url);
		program.searchParams.set("preview", `${previews++}`);
		await import(program.href);
		await disconnect();
	} finally {
		endRecording();
	}
	return declared;
}

function outputsIn(request: RegisterResourceRequest): Record<string, string[]> {
	const map = request.getPropertydependenciesMap();
	const entries = [...map.keys()].map((property): [string, string[]] => [
		property,
		map.get(property)!.getUrnsList().map(keyOf),
	]);
	return Object.fromEntries(entries.filter(([, resources]) => resources.length > 0));
}

/** `<type>::<name>` of a URN of the mocks. */
function keyOf(urn: string): string {
	return `${typeOf(urn)}::${urn.split("::").slice(3).join("::")}`;
}

/** The type in a URN, without those of the resources above it; empty for the stack and for no URN. */
function typeOf(urn: string): string {
	const type = urn.split("::")[2]?.split("$").at(-1) ?? "";
	return type === "pulumi:pulumi:Stack" ? "" : type;
}
