/** Warnings about registries: a closed network does not reach them, and Docker Hub limits pulls. */
import { anonymousPulls, type ImageSource, imageSources, isMirrored } from "../derived/images.ts";
import type { Problem } from "../read/problems.ts";
import type { StackConfig } from "../schema/stack.ts";

export function imageWarnings(stack: StackConfig): Problem[] {
	return [...unreachable(stack), ...limited(stack)];
}

/**
 * `cluster.registries.systemDefault` is for RKE2's own images only (https://docs.rke2.io/install/private_registry); other
 * images come from the registry in their name. This key, or a mirror of charts, means that the network is closed, unless it
 * has a proxy.
 */
function unreachable(stack: StackConfig): Problem[] {
	const { registries, proxy } = stack.cluster;
	const closed =
		registries.systemDefault !== undefined
			? "cluster.registries.systemDefault"
			: stack.platform.chartMirror !== undefined
				? "platform.chartMirror"
				: undefined;
	if (closed === undefined || proxy) {
		return [];
	}
	const missing = Map.groupBy(
		imageSources(stack).filter(({ registry }) => !isMirrored(stack, registry)),
		({ registry }) => registry,
	);
	return [...missing].map(([registry, sources]) => ({
		key: "cluster.registries.mirrors",
		message: `has no entry for ${registry}, and ${closed} means that the network is closed: the images of ${list(sources)} come from there. Add ${registry} or \`*\`, or set cluster.proxy when the network has a proxy.`,
	}));
}

function limited(stack: StackConfig): Problem[] {
	const hub = "docker.io";
	const pulls = imageSources(stack)
		.filter(({ registry }) => registry === hub)
		.reduce((sum, source) => sum + source.pulls, 0);
	return pulls <= anonymousPulls || isMirrored(stack, hub)
		? []
		: [
				{
					key: "cluster.registries.mirrors",
					message: `has no entry for ${hub}, from which an installation pulls about ${pulls} images; Docker Hub allows an address ${anonymousPulls} pulls in six hours without a login. Add a mirror, or ${hub} to registryCredentials.`,
				},
			];
}

function list(sources: ImageSource[]): string {
	return sources.map(({ what }) => what).join(", ");
}
