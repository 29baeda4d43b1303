/** The resources that the file `resources` lists, without components and without computing anything. Previews only. */
import "../../src/sdk/lean-sdk.cjs";
import { readFileSync } from "node:fs";
import { Provider as Proxmox } from "@muhlba91/pulumi-proxmoxve/provider.js";
import { Provider as Kubernetes } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { PrivateKey } from "@pulumi/tls/privateKey.js";

/** As recorded: unknown and secret values in the form of the protocol. */
export interface FlatResource {
	type: string;
	name: string;
	inputs: pulumi.Inputs;
	/** Of the plugin. */
	version: string;
}

// The marks of the protocol: @pulumi/pulumi runtime/rpc.js.
const mark = "4dabf18193072939515e22adb298388d";
const unknownMark = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

class Flat extends pulumi.CustomResource {}

/** Computed by a resource, so unknown in a first preview. */
const unknown = new PrivateKey("unknown", { algorithm: "ED25519" }).privateKeyPem;
const providers: Record<string, pulumi.ProviderResource> = {
	kubernetes: new Kubernetes("kubernetes", { kubeconfig: unknown, clusterIdentifier: "bench" }),
	proxmoxve: new Proxmox("proxmox", {
		endpoint: "https://127.0.0.1:1/",
		apiToken: "bench@pve!bench=00000000-0000-0000-0000-000000000000",
	}),
};

const file = new pulumi.Config().require("resources");
for (const { type, name, inputs, version } of JSON.parse(readFileSync(file, "utf8")) as FlatResource[]) {
	const provider = providers[type.split(":")[0]!];
	new Flat(type, name, restore(inputs) as pulumi.Inputs, provider ? { provider } : { version });
}

function restore(value: unknown): unknown {
	if (value === unknownMark) {
		return unknown;
	}
	if (Array.isArray(value)) {
		return value.map(restore);
	}
	if (typeof value !== "object" || value === null) {
		return value;
	}
	if (mark in value) {
		return pulumi.secret(restore((value as { value?: unknown }).value));
	}
	return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, restore(item)]));
}
