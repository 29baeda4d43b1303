import { createRequire } from "node:module";

export interface PluginPackage {
	/** As in a resource type's name, such as `command`. */
	name: string;
	version: string;
}

/** The npm package that a plugin belongs to: a plugin has to say the version that the SDK asks the engine for. */
export function pluginPackage(npmName: string): PluginPackage {
	const { pulumi } = createRequire(import.meta.url)(`${npmName}/package.json`) as { pulumi: PluginPackage };
	return pulumi;
}
