/** The container images that the program brings, the registry that each comes from, and how often it is pulled. */
import type { StackConfig } from "../schema/stack.ts";

interface Images {
	/** For people. */
	what: string;
	/** Host, as images and `cluster.registries.mirrors` name it. */
	registry: string;
	/** Key of `platform` without which nobody pulls them. */
	part?: keyof StackConfig["platform"];
	/** Pulls of one installation: one for each image on each node that runs it. */
	perServer?: number;
	perWorker?: number;
	perCard?: number;
	once?: number;
}

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
/** As the published charts name them. */
const charts: readonly Images[] = [
	{ part: "traefik", what: "Traefik", registry: "docker.io", perWorker: 1 },
	{ part: "certManager", what: "cert-manager", registry: "quay.io", once: 4 },
	{ part: "metallb", what: "MetalLB and FRR", registry: "quay.io", perWorker: 2, once: 1 },
	{ part: "gpuOperator", what: "the GPU Operator and the driver", registry: "nvcr.io", perCard: 6, once: 1 },
	{ part: "gpuOperator", what: "node feature discovery", registry: "registry.k8s.io", perWorker: 1, once: 2 },
];

/** What a stack with everything but a smoke test pulls. */
export const everyImage: readonly Images[] = [rke2, kubeVip, ...charts];

export function imageSources(stack: StackConfig): ImageSource[] {
	const { cluster, platform } = stack;
	const smokeTest = platform.gpuOperator?.smokeTest;
	const images: Images[] = [
		{ ...rke2, registry: cluster.registries.systemDefault ?? rke2.registry },
		...(cluster.api.mode === "kube-vip" ? [kubeVip] : []),
		...charts.filter(({ part }) => part === undefined || platform[part] !== undefined),
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
