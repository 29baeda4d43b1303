/** Container images of the program, with their registry and the number of pulls. */
import { addOnEntries, type Images } from "../../facts/add-ons.ts";
import type { NodeConfig, StackConfig } from "../schema/stack.ts";

export interface ImageSource extends Images {
	pulls: number;
}

/**
 * RKE2's images for Canal by the node that runs them (scripts/build-images of rancher/rke2). Every node: runtime,
 * kubernetes, pause, calico, flannel; servers: etcd and the cloud provider as well. Once: the installer of charts, CoreDNS
 * on two nodes, its autoscaler, the metrics server and the snapshot controller.
 */
const rke2: Images = { what: "RKE2 and its components", registry: "docker.io", perServer: 7, perWorker: 5, once: 6 };
const kubeVip: Images = { what: "kube-vip", registry: "ghcr.io", perServer: 1 };
const charts = addOnEntries.flatMap(([key, { images }]) => images.map((image) => ({ key, image })));

/** Images of a stack with all add-ons, without the smoke test. */
export const everyImage: readonly Images[] = [rke2, kubeVip, ...charts.map(({ image }) => image)];

function imagesOf({ cluster, platform }: Pick<StackConfig, "cluster" | "platform">): Images[] {
	const smokeTest = platform.gpuOperator?.smokeTest;
	return [
		{ ...rke2, registry: cluster.registries.systemDefault ?? rke2.registry },
		...(cluster.api.mode === "kube-vip" ? [kubeVip] : []),
		...charts.filter(({ key }) => platform[key] !== undefined).map(({ image }) => image),
		...(smokeTest ? [{ what: "the smoke test", registry: registryOf(smokeTest.image), perGpu: 1 }] : []),
	];
}

/** Images that may run on a node. Those that a cluster pulls once run on any worker, and RKE2's own on servers as well. */
export function imagesOn(
	stack: Pick<StackConfig, "cluster" | "platform">,
	{ role, gpu }: Pick<NodeConfig, "role" | "gpu">,
): Images[] {
	return imagesOf(stack).filter(({ perServer = 0, perWorker = 0, perGpu = 0, once = 0 }) =>
		role === "control-plane" ? perServer > 0 : perWorker + once > 0 || (perGpu > 0 && gpu !== undefined),
	);
}

export function imageSources(stack: StackConfig): ImageSource[] {
	const images = imagesOf(stack);
	const nodes = Object.values(stack.nodes);
	const servers = nodes.filter(({ role }) => role === "control-plane").length;
	const gpuNodes = nodes.filter(({ gpu }) => gpu).length;
	return images.map((source) => {
		const { perServer = 0, perWorker = 0, perGpu = 0, once = 0 } = source;
		const pulls = perServer * servers + perWorker * (nodes.length - servers) + perGpu * gpuNodes + once;
		return { ...source, pulls };
	});
}

/** An image without a registry in its name is on Docker Hub (distribution/reference, splitDockerDomain). */
function registryOf(image: string): string {
	const [host = ""] = image.split("/");
	return /[.:]|^localhost$/.test(host) ? host : "docker.io";
}

/** Docker Hub allows one address so many pulls in six hours without a login: https://docs.docker.com/docker-hub/usage/ */
export const anonymousPulls = 100;

/** Whether nodes pull the images of a registry from a mirror. */
export function isMirrored({ cluster: { registries } }: StackConfig, registry: string): boolean {
	const names = [registry, "*"];
	return registry === registries.systemDefault || names.some((name) => Object.hasOwn(registries.mirrors, name));
}
