/**
 * What a change interrupts although no node restarts: pods of the platform that carry connections or a driver, and that Helm or RKE2
 * starts anew.
 */
import { helmRelease } from "../../policies/lib/helm/releases.ts";
import { addOns } from "../../src/facts/add-ons.ts";
import { nodeStepOf } from "../../src/facts/resource-names.ts";
import { paths } from "../../src/rke2/paths.ts";
import type { Json, RecordedResource, StackRecording } from "../recording/recording.ts";
import type { ResourceChange } from "./resources.ts";
import type { Interruption } from "./review.ts";

type Sides = Record<"before" | "after", StackRecording>;

interface Carrier {
	/** What is interrupted when the release goes away. */
	removed: Interruption;
	/**
	 * Values that reach no pod which carries something: they make other objects, or other pods. A value that is not here counts as
	 * one that starts the pods anew.
	 */
	quiet: RegExp;
	/** What is interrupted when its pods start anew; nothing when nobody depends on them yet. */
	restarted(change: Update, sides: Sides): Interruption | undefined;
}

type Update = ResourceChange & Required<Pick<ResourceChange, "old" | "now">>;

/** The releases whose pods carry something, by the name of the chart. */
const carriers: Readonly<Record<string, Carrier>> = {
	[addOns.traefik.chart]: {
		removed: {
			what: "the ingress goes away",
			detail: "Traefik is removed: nothing answers at the addresses of the ingress any more.",
		},
		// https://github.com/traefik/traefik-helm-chart/blob/v41.3.0/traefik/templates: the Service, and objects of their own.
		quiet: /^values\.(?:service|tlsStore|tlsOptions|ports\.\w+\.(?:nodePort|expose|exposedPort))(?:\.|\[|$)/,
		restarted: () => ({
			what: "the ingress restarts on one worker after another",
			detail:
				"Traefik restarts on one worker after another: each of them answers no visitor for some seconds, and its open connections break.",
		}),
	},
	[addOns.metallb.chart]: {
		removed: {
			what: "the addresses of MetalLB go away",
			detail: "MetalLB is removed: nothing answers for the addresses of Services of the type LoadBalancer any more.",
		},
		quiet: /^values\.(?:controller|crds)(?:\.|\[|$)/,
		restarted: (_, { before, after }) =>
			announces(before) && announces(after)
				? {
						what: "the addresses of MetalLB move from node to node",
						detail:
							"MetalLB's speakers restart on one node after another: an address moves to another node for that time, and its open connections break.",
					}
				: undefined,
	},
	[addOns.gpuOperator.chart]: {
		removed: {
			what: "the GPU driver goes away",
			detail: "The GPU Operator is removed, and no pod gets a GPU any more.",
		},
		// The device plugin and the pods that only look: https://github.com/NVIDIA/gpu-operator/tree/v26.7.0/assets
		quiet: /^values\.(?:devicePlugin|dcgmExporter|mig|migManager|node-feature-discovery|operator)(?:\.|\[|$)/,
		restarted: ({ old, now }, { after }) => {
			const nodes = after.nodes.filter(({ gpu }) => gpu !== undefined).map(({ name }) => name);
			const loads = [old, now].some(({ inputs }) => at(inputs, "values", "driver", "enabled") === true);
			return loads && nodes.length > 0
				? {
						what: `the GPU driver is loaded anew on ${nodes.join(", ")}`,
						detail: `The GPU Operator may load the driver anew on ${nodes.join(", ")}, one node after another: pods with a GPU stop there for that time.`,
					}
				: undefined;
		},
	},
};

/** In the order of the resources; each is named once. */
export function interruptionsOf(changes: readonly ResourceChange[], sides: Sides): Interruption[] {
	const all = changes.flatMap((change) => [
		...ofRelease(change, sides),
		...ofWayIn(change),
		...ofAnnouncement(change),
		...ofAddressHolder(change),
		...ofKeyRotation(change),
	]);
	return [...new Map(all.map((one) => [one.what, one])).values()];
}

function ofRelease(change: ResourceChange, sides: Sides): Interruption[] {
	const { action, old, now, changes } = change;
	const carrier = old?.type === helmRelease ? carriers[String(old.inputs.chart)] : undefined;
	if (!carrier) {
		return [];
	}
	if (action !== "update" || !now) {
		return [carrier.removed];
	}
	const reaches = changes.some(
		({ path }) => path === "version" || (/^values\b/.test(path) && !carrier.quiet.test(path)),
	);
	const restarted = reaches ? carrier.restarted({ ...change, old: old!, now }, sides) : undefined;
	return restarted ? [restarted] : [];
}

/** Of each command; the interruption counts once. */
function ofKeyRotation({ action, now }: ResourceChange): Interruption[] {
	return action === "create" && nodeStepOf(now?.name ?? "") === "encryption"
		? [
				{
					what: "control planes restart one after another, and nobody can write a Secret meanwhile",
					detail:
						"The key that encrypts Secrets in etcd is rotated: the control planes restart one after another without a drain. Until the last one has the new key, nobody can write a Secret, and some requests for Secrets fail.",
				},
			]
		: [];
}

/** By the type of Traefik's Service: components/platform/traefik/values.ts. */
const exposures: Readonly<Record<string, string>> = {
	ClusterIP: "hostPort",
	NodePort: "nodePort",
	LoadBalancer: "loadBalancer",
};

/** Visitors, or the proxy in front of the cluster, have to call at another port or address. */
function ofWayIn({ action, old, now, changes }: ResourceChange): Interruption[] {
	const isTraefik = action === "update" && old?.type === helmRelease && old.inputs.chart === addOns.traefik.chart;
	const moves = changes.some(({ path }) =>
		/^values\.(?:service\.spec\.type|ports\.(?:web|websecure)\.(?:hostPort|nodePort))$/.test(path),
	);
	if (!isTraefik || !moves) {
		return [];
	}
	const [was, is] = [old, now!].map(wayIn);
	return [
		{
			what: "the way to the ingress changes",
			detail: `Traefik no longer answers at ${was}, but at ${is}: what calls it, such as a reverse proxy, has to change at the same time.`,
		},
	];
}

function wayIn({ inputs }: RecordedResource): string {
	const type = String(at(inputs, "values", "service", "spec", "type"));
	const exposure = exposures[type] ?? type;
	const ports = ["web", "websecure"].map((port) => at(inputs, "values", "ports", port, exposure));
	return exposure === "loadBalancer" ? "the address of its load balancer" : `${exposure} ${ports.join(" and ")}`;
}

/** An advertisement that goes away takes the addresses with it; a first one interrupts nothing. */
function ofAnnouncement({ action, old }: ResourceChange): Interruption[] {
	return old?.type === advertisement && action !== "update"
		? [
				{
					what: "the addresses of MetalLB go away",
					detail: "MetalLB no longer announces its addresses: nothing answers there any more.",
				},
			]
		: [];
}

/** RKE2 applies a manifest for the whole cluster when the first control plane has it. */
function ofAddressHolder({ action, now, changes }: ResourceChange): Interruption[] {
	const converges = action === "update" && nodeStepOf(now?.name ?? "") === "converge";
	return converges && changes.some(({ path }) => path === `${paths.manifests}/kube-vip.yaml`)
		? [
				{
					what: "the API's address moves between the control planes",
					detail:
						"kube-vip restarts on one control plane after another once the first of them has the new file: the API's address moves, and clients connect again.",
				},
			]
		: [];
}

const advertisement = "kubernetes:metallb.io/v1beta1:L2Advertisement";

function announces({ resources }: StackRecording): boolean {
	return resources.some(({ type }) => type === advertisement);
}

function at(value: Json | undefined, ...keys: readonly string[]): Json | undefined {
	return keys.reduce<Json | undefined>(
		(inner, key) => (typeof inner === "object" && inner !== null && !Array.isArray(inner) ? inner[key] : undefined),
		value,
	);
}
