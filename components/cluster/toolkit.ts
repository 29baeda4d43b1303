import type * as pulumi from "@pulumi/pulumi";
import { nodeStepName } from "../../src/facts/resource-names.ts";
import { renderBundle } from "../../src/rke2/bundle.ts";
import { paths } from "../../src/rke2/paths.ts";
import type { NodeAccess } from "./node-access.ts";
import { remoteCommand } from "./remote-script.ts";
import { nodeScripts, scriptText } from "./scripts.ts";

/** Installs the scripts on a node. unpack.sh precedes the bundle that it unpacks. */
export function installToolkit(node: NodeAccess, opts: pulumi.CustomResourceOptions) {
	const files = nodeScripts.map((name) => ({
		path: `${paths.toolkit}/${name}`,
		mode: "0755",
		owner: "root:root",
		content: scriptText(name),
	}));
	return remoteCommand(
		nodeStepName(node.nodeName, "toolkit"),
		{
			connection: node.connection,
			command: "bash -s",
			stdin: `${scriptText("unpack.sh")}${renderBundle(files)}`,
			timeoutSeconds: 60,
		},
		opts,
	);
}
