/** Releases of Pulumi's parts that are published as Go modules. */
import { kubernetesPlugin, type Release } from "../releases.ts";
import type { Plugin } from "./requirements.ts";

/**
 * Leaves out one of the protocols of Google's object store, which is a tenth of the code to compile
 * (cloud.google.com/go/storage, grpc_dp.go).
 */
const tags = ["disable_grpc_modules"];

/** Version of the provider in the npm package. */
export const bpgVersion = "0.112.0";

export interface PluginRelease extends Release {
	/** Origin of the plugin, as text. */
	origin: string;
}

export function cliRelease(version: string): Release {
	return {
		name: "pulumi",
		version,
		goVersion: "1.26.0",
		binaries: [{ name: "pulumi", package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi" }],
		modules: { "github.com/pulumi/pulumi/pkg/v3": `v${version}` },
		tags,
		variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": `v${version}` },
	};
}

/** Undefined for a plugin without a published module. */
export function pluginRelease(
	{ name, version }: Pick<Plugin, "name" | "version">,
	cli: string,
): PluginRelease | undefined {
	switch (name) {
		case "kubernetes":
			return {
				...kubernetesPlugin,
				origin: `its publisher's ${kubernetesPlugin.version}, built from its published module`,
			};
		case "proxmoxve":
			return {
				...proxmoxPlugin(version, cli),
				origin: `bpg's provider ${bpgVersion}, built from its published module`,
			};
		default:
			return undefined;
	}
}

/** See `doubles/pulumi/proxmoxve`. */
function proxmoxPlugin(version: string, cli: string): Release {
	return {
		name: "pulumi-resource-proxmoxve",
		version,
		goVersion: "1.26.0",
		binaries: [{ name: "pulumi-resource-proxmoxve", package: "./source" }],
		modules: {
			"github.com/bpg/terraform-provider-proxmox": `v${bpgVersion}`,
			"github.com/pulumi/pulumi-terraform-bridge/v3": "v3.135.0",
			// The newest that this version of the bridge compiles with: `plugin.NewContext` takes more arguments since.
			"github.com/pulumi/pulumi/pkg/v3": "v3.260.0",
			// As the CLI has it, so that more of what both need is compiled once.
			"github.com/pulumi/pulumi/sdk/v3": `v${cli}`,
		},
		replaced: {
			// The bridge asks for Pulumi's copy in its own go.mod, which a dependant's build ignores.
			"github.com/hashicorp/terraform-plugin-sdk/v2":
				"github.com/pulumi/terraform-plugin-sdk/v2 v2.0.0-20260318212141-5525259d096b",
			"github.com/pulumi/pulumi-dotnet/pulumi-language-dotnet/v3": "./source/generators/csharp",
			"github.com/pulumi/pulumi-java": "./source/generators/java",
			"github.com/pulumi/pulumi-yaml": "./source/generators/yaml",
		},
		tags,
		source: { folder: "doubles/pulumi/proxmoxve", embedded: {} },
		variables: { "main.version": version },
	};
}
