import { only } from "./only.ts";
import { without } from "./without.ts";

/**
 * Merge patch for rehearsals about nodes: it keeps only the named nodes of the lab's stack file, and of the add-ons only
 * Traefik, which every stack has. Each `up` is shorter by three Helm releases.
 */
export function nodesOnly(...names: string[]) {
	return { nodes: only(...names), platform: without("certManager", "metallb", "gpuOperator") };
}
