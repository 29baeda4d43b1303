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
import type { Connect } from "../../cluster/api-client.ts";
import { HardenedNamespace } from "../namespaces/hardened-namespace.ts";
import { type CheckPod, explainNetwork } from "./network-causes.ts";
import { checkPort, networkCheckPolicies } from "./network-policies.ts";

type Checks = StackConfig["platform"]["checks"];
type CheckedStack = Pick<StackConfig, "cluster" | "network" | "nodes" | "platform">;

export interface NetworkCheckArgs {
	stack: CheckedStack;
	/** With the administrator's rights. */
	connect: Connect;
}

const namespace = platformNamespaces.networkCheck;
const labels = { "app.kubernetes.io/name": namespace };
/** The user `nobody`. */
const unprivilegedUser = 65_534;
const directory = "/work";
const script = readFileSync(new URL("reach.sh", import.meta.url), "utf8");
/** One Service gives every pod a DNS name of its own, the other leads to all of them. */
const services = { names: "pods", all: "all" } as const;
const domain = (service: string) => `${service}.${namespace}.svc.cluster.local`;

/**
 * Runs one pod on each node, which calls its neighbours by name, over the network between nodes, and all of them through a Service.
 * `up` waits for it. When a call fails, `up` names the nodes and likely causes. The check runs beside the first releases: with a
 * faulty network they do not become ready either, and cannot explain why.
 *
 * A Job cannot be changed. Its name contains a digest of everything that it has tested, so that another Job runs when that
 * changes.
 */
export class NetworkCheck extends pulumi.ComponentResource {
	/**
	 * Resolves once the Job can begin, in a preview at once, and to no resource. As `dependsOn` it lets other objects come later, without
	 * a dependency in the state.
	 */
	readonly prepared: Promise<pulumi.Resource[]>;

	constructor(name: string, { stack, connect }: NetworkCheckArgs, opts?: pulumi.ComponentResourceOptions) {
		super("rke2-lab:platform:NetworkCheck", name, {}, opts);
		const hardened = new HardenedNamespace(
			namespace,
			{ podSecurity: "restricted", clusterVersion: stack.cluster.version, policies: networkCheckPolicies() },
			{ parent: this },
		);
		const childOptions = { parent: this, dependsOn: hardened };
		const account = new ServiceAccount(
			namespace,
			{ metadata: { name: namespace, namespace }, automountServiceAccountToken: false },
			childOptions,
		);
		const reachable = [
			createService(services.names, { clusterIP: "None" }, childOptions),
			createService(services.all, {}, childOptions),
		];
		this.prepared = pulumi.runtime.isDryRun()
			? Promise.resolve([])
			: new Promise((resolve) => {
					pulumi.all([account, ...reachable].map(({ urn }) => urn)).apply(() => resolve([]));
				});
		const spec = jobSpec(stack);
		const job = `meet-${digestOf(stack, spec)}`;
		new Job(
			name,
			{
				// After a failure the next `up` replaces the Job instead of reading the old failure again.
				metadata: { name: job, namespace, annotations: { "pulumi.com/replaceUnready": "true" } },
				spec: { ...spec, template: podTemplate(stack, job) },
			},
			{
				parent: this,
				dependsOn: [account, ...reachable],
				// After the pods' own timeout: the provider does not recognize a failed Job that has a limit for each index.
				customTimeouts: { create: `${waitSeconds(stack.platform.checks) + 30}s` },
				hooks: { onError: [explainFailure(`${name}-causes`, stack, connect)] },
			},
		);
		this.registerOutputs({});
	}
}

/** A digest of everything that decides whether pods reach each other. */
function digestOf(
	{ cluster, network, nodes }: Pick<StackConfig, "cluster" | "network" | "nodes">,
	spec: object,
): string {
	const { canal, podCidr, serviceCidr, version } = cluster;
	const { bridge, vlan, mtu } = network;
	const machines = Object.entries(nodes).map(([name, { address, host }]) => [name, address, host]);
	const tested = { canal, podCidr, serviceCidr, version, bridge, vlan, mtu, machines, spec };
	return createHash("sha256")
		.update(JSON.stringify([tested, script]))
		.digest("hex")
		.slice(0, 8);
}

/** `up` does not wait for a Service: its pods come later. */
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

/** With a working network the check takes seconds, once the nodes have pulled the image. */
function waitSeconds({ timeoutSeconds }: Pick<Checks, "timeoutSeconds">): number {
	return Math.min(timeoutSeconds, 480);
}

/** How long the Job runs: after Pulumi's timeout, Kubernetes removes pods that could not be scheduled. */
export function deadlineSeconds(checks: Pick<Checks, "timeoutSeconds">): number {
	return waitSeconds(checks) + 120;
}

/** How long a pod asks its neighbours. The rest of the time is for pulling images. */
export function askingSeconds(checks: Pick<Checks, "timeoutSeconds">): number {
	return Math.floor((waitSeconds(checks) * 5) / 8);
}

function jobSpec(stack: Pick<StackConfig, "nodes" | "platform">) {
	const count = Object.keys(stack.nodes).length;
	return {
		completionMode: "Indexed",
		completions: count,
		parallelism: count,
		// A failed pod stays with its report, and the others continue.
		backoffLimitPerIndex: 0,
		activeDeadlineSeconds: deadlineSeconds(stack.platform.checks),
	};
}

function podTemplate(stack: Pick<StackConfig, "nodes" | "platform">, job: string) {
	const {
		nodes,
		platform: { checks },
	} = stack;
	const taints = [...new Set(Object.values(nodes).flatMap(nodeTaints))];
	const args = [
		...[Object.keys(nodes).length, job, domain(services.names), domain(services.all), checkPort],
		askingSeconds(checks),
	];
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
					command: ["/bin/sh", "-c", script, "reach.sh", ...args.map(String), directory],
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

function explainFailure(name: string, { nodes, cluster, platform }: CheckedStack, connect: Connect): pulumi.ErrorHook {
	return new pulumi.ErrorHook(name, async ({ newInputs }) => {
		const job = (newInputs as { metadata: { name: string } } | undefined)?.metadata.name;
		try {
			const pods = await podsOf(String(job), await connect(({ CoreV1Api }) => CoreV1Api));
			const { image } = platform.checks;
			const explanation = explainNetwork(pods, { nodes: Object.keys(nodes), backend: cluster.canal.backend, image });
			if (explanation !== undefined) {
				await pulumi.log.error(explanation);
			}
		} catch (error) {
			// Pulumi prints the failure itself, which matters more.
			await pulumi.log.warn(`The reason could not be read from the cluster: ${(error as Error).message}`);
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
