/** The first preview of a stack, without an engine and without a credential: all resources that the program declares. */
import { setAllConfig } from "@pulumi/pulumi/runtime/config.js";
import { setMocks } from "@pulumi/pulumi/runtime/mocks.js";
import { disconnect } from "@pulumi/pulumi/runtime/settings.js";
import protobuf from "google-protobuf/google/protobuf/struct_pb.js";
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
}

const project = "rke2-lab";

/** Resources that only group others. Components of other packages have inputs, and the resources that they make do not show here. */
const ownComponents = new RegExp(`^(?:pulumi:pulumi:Stack$|${project}:)`);

/** Placeholders of the right form; the preview sends nothing anywhere. */
const secrets = {
	proxmoxApiToken: "pulumi@pve!lab=00000000-0000-0000-0000-000000000000",
	clusterToken: "feedfacefeedfacefeedfacefeedface",
	cloudflareApiToken: "placeholder",
	dns01Secret: "placeholder",
	etcdS3AccessKey: "placeholder",
	etcdS3SecretKey: "placeholder",
};

/**
 * Runs the unmodified program. Every output of a resource is unknown. A process can do this once: the program is a module,
 * and runs when it is loaded.
 *
 * @param values of a stack file, by key without the project's name
 */
export async function previewStack(values: Readonly<Record<string, unknown>>): Promise<Declared[]> {
	const declared: Declared[] = [];
	const placeholder = await withPlaceholderAuthority(values);
	const placeholders = { ...secrets, ...placeholder.secrets };
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
			});
		}
	});
	try {
		const mocks = { newResource: () => ({ id: undefined, state: {} }), call: () => ({}) };
		await setMocks(mocks, project, "preview", true, "preview");
		setAllConfig(
			Object.fromEntries(
				Object.entries({ ...placeholder.values, ...placeholders }).map(([key, value]) => [
					`${project}:${key}`,
					typeof value === "string" ? value : JSON.stringify(value),
				]),
			),
			Object.keys(placeholders).map((key) => `${project}:${key}`),
		);
		await import("../../src/index.ts");
		await disconnect();
	} finally {
		endRecording();
	}
	return declared;
}
