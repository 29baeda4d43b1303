/** Registries that a closed network does not reach, and one that gives out no more than so many images. */
import { anonymousPulls, type ImageSource, imageSources, isMirrored } from "../derived/images.ts";
import type { Problem } from "../read/problems.ts";
import type { StackConfig } from "../schema/stack.ts";

export function imageWarnings(stack: StackConfig): Problem[] {
	return [...unreachable(stack), ...limited(stack)];
}

/**
 * `cluster.registries.systemDefault` is for RKE2's own images alone (https://docs.rke2.io/install/private_registry): the
 * rest still comes from where its name says. Who says that, or that the charts come from a mirror, has a closed network;
 * with a proxy it has a way out.
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
		message: `has no entry for ${registry}, and ${closed} says that the network is closed: the images of ${list(sources)} come from there. Add ${registry} or \`*\`, or cluster.proxy where there is a way out.`,
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
					message: `has no entry for ${hub}, from which an installation pulls about ${pulls} images; Docker Hub gives an address ${anonymousPulls} in six hours without a login. Add a mirror, or ${hub} to registryCredentials.`,
				},
			];
}

function list(sources: ImageSource[]): string {
	return sources.map(({ what }) => what).join(", ");
}
