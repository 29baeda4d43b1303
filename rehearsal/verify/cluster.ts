/** Verifies the cluster from outside, with the program's outputs only. */
import { CoreV1Api, KubeConfig, NetworkingV1Api } from "@kubernetes/client-node";
import type { StackConfig } from "../../src/config/schema/stack.ts";
import { addressOf, addressProblems } from "./address.ts";
import { type Shell, votingMembers } from "./etcd.ts";
import { type DeployedRelease, listReleases } from "./releases.ts";
import { storageProblems } from "./storage.ts";
import { workloadProblems } from "./workloads.ts";

export interface ClusterReport {
	/** Address or name of the API in the kubeconfig. */
	apiAddress: string;
	nodesReady: number;
	etcdVoters: number;
	releases: DeployedRelease[];
	/** Sentences; empty when the cluster is as the stack file requires. */
	problems: string[];
}

interface ClusterAccess {
	stack: StackConfig;
	/** Text of the `kubeconfig` output. */
	kubeconfig: string;
	/** Runs a command on a node as root and returns its output. */
	onNode: Shell;
	helm: string;
}

export async function verifyCluster(access: ClusterAccess): Promise<ClusterReport> {
	const config = new KubeConfig();
	config.loadFromString(access.kubeconfig);
	const core = config.makeApiClient(CoreV1Api);
	const [addresses, nodesReady, etcdVoters, releases, unprotected, admitted, workloads, storage] = await Promise.all([
		addressProblems(config, access.stack),
		readyNodes(core),
		votingMembers(access.stack, access.onNode),
		listReleases(access.helm, access.kubeconfig),
		namespacesWithoutDefaultDeny(config.makeApiClient(NetworkingV1Api), core),
		namespacesThatAdmitPrivilegedPod(core, access.stack),
		workloadProblems(core, access.stack),
		storageProblems(core, access.stack, access.onNode),
	]);
	return {
		apiAddress: addressOf(config),
		nodesReady: nodesReady.length,
		etcdVoters: etcdVoters.length,
		releases,
		problems: [
			...addresses,
			...nodeProblems(access.stack, nodesReady),
			...voterProblems(access.stack, etcdVoters),
			...releaseProblems(releases),
			...unprotected.map((name) => `namespace ${name} has no default-deny NetworkPolicy`),
			...admitted.map((name) => `namespace ${name} admitted a privileged pod although it enforces restricted`),
			...workloads,
			...storage,
		],
	};
}

async function readyNodes(core: CoreV1Api): Promise<string[]> {
	const { items } = await core.listNode();
	return items
		.filter(({ status }) => status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True"))
		.map(({ metadata }) => metadata?.name ?? "");
}

/** Only namespaces of the program have its Pod Security label. */
async function namespacesWithoutDefaultDeny(networking: NetworkingV1Api, core: CoreV1Api): Promise<string[]> {
	const namespaces = await core.listNamespace({ labelSelector: "pod-security.kubernetes.io/enforce" });
	const policies = await networking.listNetworkPolicyForAllNamespaces();
	const protectedNamespaces = new Set(
		policies.items
			.filter(({ spec }) => {
				const selectsAll = Object.keys(spec?.podSelector ?? {}).length === 0;
				const both = ["Ingress", "Egress"].every((direction) => spec?.policyTypes?.includes(direction));
				return selectsAll && both && !spec?.ingress?.length && !spec?.egress?.length;
			})
			.map(({ metadata }) => metadata?.namespace),
	);
	return namespaces.items.map(({ metadata }) => metadata?.name ?? "").filter((name) => !protectedNamespaces.has(name));
}

/** Namespaces that enforce `restricted` and still admit a privileged pod, by a dry run. */
async function namespacesThatAdmitPrivilegedPod(core: CoreV1Api, { platform }: StackConfig): Promise<string[]> {
	const restricted = Object.entries(platform.namespaces).filter(([, { podSecurity }]) => podSecurity === "restricted");
	const answers = await Promise.all(
		restricted.map(async ([namespace]) => {
			const container = { name: "probe", image: "probe", securityContext: { privileged: true } };
			const body = { metadata: { name: "privileged-probe" }, spec: { containers: [container] } };
			try {
				await core.createNamespacedPod({ namespace, body, dryRun: "All" });
				return [namespace];
			} catch (error) {
				if (error instanceof Error && error.message.includes("violates PodSecurity")) {
					return [];
				}
				throw error;
			}
		}),
	);
	return answers.flat();
}

function nodeProblems({ nodes }: StackConfig, ready: string[]): string[] {
	return Object.keys(nodes)
		.filter((name) => !ready.includes(name))
		.map((name) => `node ${name} is not Ready`);
}

function voterProblems({ nodes }: StackConfig, voters: string[]): string[] {
	return Object.entries(nodes)
		.filter(([, { role, address }]) => role === "control-plane" && !voters.includes(address))
		.map(([name]) => `${name} is not an etcd voter`);
}

function releaseProblems(releases: DeployedRelease[]): string[] {
	return releases
		.filter(({ status }) => status !== "deployed")
		.map(({ name, status }) => `release ${name} is ${status}`);
}
