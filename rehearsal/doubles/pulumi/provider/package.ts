import { createRequire } from "node:module";

export interface PluginPackage {
	/** As in a resource type's name, such as `command`. */
	name: string;
	version: string;
}

/** The npm package of a plugin. A plugin has to report the version that the SDK requests from the engine. */
export function pluginPackage(npmName: string): PluginPackage {
	const { pulumi } = createRequire(import.meta.url)(`${npmName}/package.json`) as { pulumi: PluginPackage };
	return pulumi;
}
