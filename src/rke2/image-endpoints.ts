import { imagesOn } from "../config/derived/images.ts";
import type { NodeConfig, StackConfig } from "../config/schema/stack.ts";

/** Where containerd asks for the images of Docker Hub (containerd, core/remotes/docker/registry.go). */
const hosts: Readonly<Record<string, string>> = { "docker.io": "registry-1.docker.io" };

/**
 * The registries of the images that may run on a node, each with the URLs that the node tries: its mirrors and at last itself. One URL
 * that answers suffices. `!` in front of a URL says that the node gets an authority for its host later.
 *
 * @returns `<registry>=<url>|<url>` for each registry
 */
export function imageEndpoints(
	stack: Pick<StackConfig, "cluster" | "platform">,
	node: Pick<NodeConfig, "role" | "gpu">,
): string[] {
	const { mirrors, authorities } = stack.cluster.registries;
	const registries = new Set(imagesOn(stack, node).map(({ registry }) => registry));
	return [...registries].sort().map((registry) => {
		const mirrored = (Object.hasOwn(mirrors, registry) ? mirrors[registry] : mirrors["*"])?.endpoints ?? [];
		const urls = [...mirrored, `https://${hosts[registry] ?? registry}/v2/`];
		const marked = urls.map((url) => `${Object.hasOwn(authorities, new URL(url).host) ? "!" : ""}${url}`);
		return `${registry}=${marked.join("|")}`;
	});
}
