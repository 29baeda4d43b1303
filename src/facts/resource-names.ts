/**
 * Names of resources that the rules of the policy pack read. The component that names the resource and the rule both take
 * the name from here, so that a renamed resource cannot slip past its rule.
 */

/** Steps on a node, in their order. Each is one remote command, which runs the script of the same name there. */
export const nodeSteps = [
	"toolkit",
	"preflight",
	"prepare",
	"registries",
	"address",
	"token",
	"seed",
	"join",
	"restore",
	"encryption",
	"converge",
	"ingress",
] as const;
export type NodeStep = (typeof nodeSteps)[number];

/** @param owner name of the node, or of the cluster */
export function nodeStepName(owner: string, step: NodeStep): string {
	return `${owner}-${step}`;
}

/** The step that a command is, by its name. */
export function nodeStepOf(name: string): NodeStep | undefined {
	return nodeSteps.find((step) => name.endsWith(`-${step}`));
}

/** The local command that learns the SSH host key of a node. */
export function hostKeyName(node: string): string {
	return `${node}-host-key`;
}

export function isHostKeyName(name: string): boolean {
	return name.endsWith(hostKeyName(""));
}

/** The local command that reads the administrator's kubeconfig. */
export function kubeconfigName(cluster: string): string {
	return `${cluster}-kubeconfig`;
}

export function isKubeconfigName(name: string): boolean {
	return name.endsWith(kubeconfigName(""));
}

/** The component that holds the firewall of a machine. */
export function firewallName(machine: string): string {
	return `${machine}-firewall`;
}

/** @param firewall name of the component that holds the options, which say whether the firewall is on */
export function firewallOptionsName(firewall: string): string {
	return `${firewall}-options`;
}

/** @param firewall name of the component that holds the rules */
export function firewallRulesName(firewall: string): string {
	return `${firewall}-rules`;
}

/** @param set name of the set in Proxmox */
export function firewallSetName(firewall: string, set: string): string {
	return `${firewall}-${set}`;
}

/** The sets of addresses that a machine's firewall has. A digest of the addresses follows in the name of each. */
export const addressSets = { servers: "rke2-servers", nodes: "rke2-nodes" } as const;

/** Comments of the rules that only nodes with an ingress have. */
export const ingressRules = {
	clients: "ingress",
	pods: "ingress for pods",
	metrics: "metrics of Traefik",
} as const;

/** The component that downloads the image of the machines. */
export const imageName = "image";

/** The download of an image on one host. */
export function downloadName(image: string, host: string): string {
	return `${image}-${host}`;
}

/** The components that have a part for each machine, or one list of them. */
export const machineGroups = { pool: "pool", backup: "backup", highAvailability: "high-availability" } as const;

/** @param part a machine, or the purpose of a rule of high availability */
export function partOfGroupName(group: string, part: string): string {
	return `${group}-${part}`;
}

/** Rules of high availability: the hosts of the machines, and no host with two control planes. */
export const availabilityRules = { hosts: "hosts", apart: "control-planes-apart" } as const;
