import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { CoreV1Api, V1Pod } from "@kubernetes/client-node";
import { Job } from "@pulumi/kubernetes/batch/v1/job.js";
import { Service } from "@pulumi/kubernetes/core/v1/service.js";
import { ServiceAccount } from "@pulumi/kubernetes/core/v1/serviceAccount.js";
import * as pulumi from "@pulumi/pulumi";
import { nodeTaints, tolerationOf } from "../../../src/config/derived/node-taints.ts";
import type { StackConfig } from "../../../src/config/schema/stack.ts";
import { platformNamespaces } from "../../../src/facts/add-ons.ts";
import type { Connect } from "../api-client.ts";
import { HardenedNamespace } from "../namespaces/hardened-namespace.ts";
import { type CheckPod, whyPodsDoNotMeet } from "./network-causes.ts";
import { checkPort, networkCheckPolicies } from "./network-policies.ts";

export interface NetworkCheckArgs {
	stack: StackConfig;
	/** With the rights of the administrator. */
	connect: Connect;
}

const namespace = platformNamespaces.networkCheck;
const labels = { "app.kubernetes.io/name": namespace };
/** nobody */
const unprivilegedUser = 65_534;
const directory = "/work";
const script = readFileSync(new URL("reach.sh", import.meta.url), "utf8");
/** Gives every pod a name of its own, and stands in front of all of them. */
const services = { names: "pods", all: "all" } as const;
const domain = (service: string) => `${service}.${namespace}.svc.cluster.local`;

/**
 * One pod on each node that asks its neighbours by name, over the network between nodes, and all of them through a Service.
 * `up` waits for it, and when they do not meet, says between which nodes and why that may be. It comes beside the first
 * releases: where the network is at fault, they do not become ready either, and cannot say why.
 *
 * A Job cannot be changed. Its name holds a digest of what it has shown, so that another one runs when that changes.
 */
export class NetworkCheck extends pulumi.ComponentResource {
	constructor(name: string, { stack, connect }: NetworkCheckArgs, opts?: pulumi.ComponentResourceOptions) {
		super("rke2-lab:platform:NetworkCheck", name, {}, opts);
		const hardened = new HardenedNamespace(
			namespace,
			{ podSecurity: "restricted", clusterVersion: stack.cluster.version, policies: networkCheckPolicies() },
			{ parent: this },
		);
		const inside = { parent: this, dependsOn: hardened };
		const account = new ServiceAccount(
			namespace,
			{ metadata: { name: namespace, namespace }, automountServiceAccountToken: false },
			inside,
		);
		const ways = [
			createService(services.names, { clusterIP: "None" }, inside),
			createService(services.all, {}, inside),
		];
		const spec = jobSpec(stack);
		const job = `meet-${digestOf(stack, spec)}`;
		new Job(
			name,
			{
				// After a failure the next `up` runs it anew, rather than read the old failure again.
				metadata: { name: job, namespace, annotations: { "pulumi.com/replaceUnready": "true" } },
				spec: { ...spec, template: podTemplate(stack, job) },
			},
			{
				parent: this,
				dependsOn: [account, ...ways],
				// Later than the pods give up: the provider knows no Job as failed that has a limit for each index.
				customTimeouts: { create: `${waitSeconds(stack) + 30}s` },
				hooks: { onError: [explainFailure(`${name}-causes`, stack, connect)] },
			},
		);
		this.registerOutputs({});
	}
}

/** Of everything that decides whether pods meet. */
function digestOf({ cluster, network, nodes }: StackConfig, spec: object): string {
	const { canal, podCidr, serviceCidr, version } = cluster;
	const { bridge, vlan, mtu } = network;
	const machines = Object.entries(nodes).map(([name, { address, host }]) => [name, address, host]);
	const shown = { canal, podCidr, serviceCidr, version, bridge, vlan, mtu, machines, spec };
	return createHash("sha256")
		.update(JSON.stringify([shown, script]))
		.digest("hex")
		.slice(0, 8);
}

/** Nobody waits for it: its pods come later. */
function createService(name: string, spec: { clusterIP?: string }, opts: pulumi.CustomResourceOptions): Service {
	return new Service(
		`${namespace}-${name}`,
		{
			metadata: { name, namespace, annotations: { "pulumi.com/skipAwait": "true" } },
			spec: { ...spec, selector: labels, ports: [{ name: "http", port: checkPort, targetPort: checkPort }] },
		},
		opts,
	);
}

/** Where the network works all is done in seconds, once the image has come. */
function waitSeconds({ platform: { checks } }: StackConfig): number {
	return Math.min(checks.timeoutSeconds, 480);
}

function jobSpec(stack: StackConfig) {
	const count = Object.keys(stack.nodes).length;
	return {
		completionMode: "Indexed",
		completions: count,
		parallelism: count,
		// A pod that failed stays with its report, and the others go on.
		backoffLimitPerIndex: 0,
		// Later than Pulumi gives up, so that nothing stays behind that has no place.
		activeDeadlineSeconds: waitSeconds(stack) + 120,
	};
}

function podTemplate(stack: StackConfig, job: string) {
	const {
		nodes,
		platform: { checks },
	} = stack;
	const taints = [...new Set(Object.values(nodes).flatMap(nodeTaints))];
	// The rest is for images to come.
	const patience = Math.floor((waitSeconds(stack) * 5) / 8);
	const words = [Object.keys(nodes).length, job, domain(services.names), domain(services.all), checkPort, patience];
	return {
		metadata: { labels },
		spec: {
			serviceAccountName: namespace,
			automountServiceAccountToken: false,
			enableServiceLinks: false,
			restartPolicy: "Never",
			subdomain: services.names,
			tolerations: taints.map(tolerationOf),
			affinity: {
				podAntiAffinity: {
					requiredDuringSchedulingIgnoredDuringExecution: [
						{
							topologyKey: "kubernetes.io/hostname",
							labelSelector: { matchLabels: { "batch.kubernetes.io/job-name": job } },
						},
					],
				},
			},
			securityContext: {
				runAsNonRoot: true,
				runAsUser: unprivilegedUser,
				runAsGroup: unprivilegedUser,
				fsGroup: unprivilegedUser,
				seccompProfile: { type: "RuntimeDefault" },
			},
			containers: [
				{
					name: "reach",
					image: checks.image,
					command: ["/bin/sh", "-c", script, "reach.sh", ...words.map(String), directory],
					ports: [{ name: "http", containerPort: checkPort }],
					resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "64Mi" } },
					securityContext: {
						allowPrivilegeEscalation: false,
						readOnlyRootFilesystem: true,
						capabilities: { drop: ["ALL"] },
					},
					volumeMounts: [{ name: "work", mountPath: directory }],
				},
			],
			volumes: [{ name: "work", emptyDir: { sizeLimit: "1Mi" } }],
		},
	};
}

function explainFailure(name: string, { nodes, cluster, platform }: StackConfig, connect: Connect): pulumi.ErrorHook {
	return new pulumi.ErrorHook(name, async ({ newInputs }) => {
		const job = (newInputs as { metadata: { name: string } } | undefined)?.metadata.name;
		try {
			const pods = await podsOf(String(job), await connect(({ CoreV1Api }) => CoreV1Api));
			const { image } = platform.checks;
			const why = whyPodsDoNotMeet(pods, { nodes: Object.keys(nodes), backend: cluster.canal.backend, image });
			if (why !== undefined) {
				await pulumi.log.error(why);
			}
		} catch (error) {
			// The failure itself is what counts, and Pulumi prints it.
			await pulumi.log.warn(`The cluster could not be asked for the reason: ${(error as Error).message}`);
		}
		return false;
	});
}

async function podsOf(job: string, api: CoreV1Api): Promise<CheckPod[]> {
	const labelSelector = `batch.kubernetes.io/job-name=${job}`;
	const { items } = await api.listNamespacedPod({ namespace, labelSelector });
	return items.map(checkPodOf);
}

function checkPodOf({ metadata, spec, status }: V1Pod): CheckPod {
	const state = status?.containerStatuses?.[0]?.state;
	return {
		index: Number(metadata?.annotations?.["batch.kubernetes.io/job-completion-index"]),
		node: spec?.nodeName,
		report: state?.terminated?.message ?? "",
		waiting: state?.waiting?.reason,
	};
}
