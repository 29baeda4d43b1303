/** The container images that the program brings, the registry that each comes from, and how often it is pulled. */
import { addOnEntries, type Images } from "../../facts/add-ons.ts";
import type { StackConfig } from "../schema/stack.ts";

export interface ImageSource extends Images {
	pulls: number;
}

/**
 * RKE2's images for Canal by the node that runs them (scripts/build-images of rancher/rke2). Every node: runtime,
 * kubernetes, pause, calico, flannel; servers: etcd and the cloud provider as well. Once: the installer of charts, CoreDNS
 * on two nodes, its autoscaler, the metrics server and the snapshot controller.
 */
const rke2: Images = { what: "RKE2 and what it brings", registry: "docker.io", perServer: 7, perWorker: 5, once: 6 };
const kubeVip: Images = { what: "kube-vip", registry: "ghcr.io", perServer: 1 };
const charts = addOnEntries.flatMap(([key, { images }]) => images.map((image) => ({ key, image })));

/** What a stack with everything but a smoke test pulls. */
export const everyImage: readonly Images[] = [rke2, kubeVip, ...charts.map(({ image }) => image)];

export function imageSources(stack: StackConfig): ImageSource[] {
	const { cluster, platform } = stack;
	const smokeTest = platform.gpuOperator?.smokeTest;
	const images: Images[] = [
		{ ...rke2, registry: cluster.registries.systemDefault ?? rke2.registry },
		...(cluster.api.mode === "kube-vip" ? [kubeVip] : []),
		...charts.filter(({ key }) => platform[key] !== undefined).map(({ image }) => image),
		...(smokeTest ? [{ what: "the smoke test", registry: registryOf(smokeTest.image), perCard: 1 }] : []),
	];
	const nodes = Object.values(stack.nodes);
	const servers = nodes.filter(({ role }) => role === "control-plane").length;
	const cards = nodes.filter(({ gpu }) => gpu).length;
	return images.map((source) => {
		const { perServer = 0, perWorker = 0, perCard = 0, once = 0 } = source;
		const pulls = perServer * servers + perWorker * (nodes.length - servers) + perCard * cards + once;
		return { ...source, pulls };
	});
}

/** An image without a registry's host in front is Docker Hub's (distribution/reference, splitDockerDomain). */
function registryOf(image: string): string {
	const [host = ""] = image.split("/");
	return /[.:]|^localhost$/.test(host) ? host : "docker.io";
}

/** Pulls that Docker Hub gives one address in six hours without a login: https://docs.docker.com/docker-hub/usage/ */
export const anonymousPulls = 100;

/** Whether nodes pull a registry's images elsewhere. */
export function isMirrored({ cluster: { registries } }: StackConfig, registry: string): boolean {
	const names = [registry, "*"];
	return registry === registries.systemDefault || names.some((name) => Object.hasOwn(registries.mirrors, name));
}
