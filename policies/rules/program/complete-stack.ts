import { platformNamespaces } from "../../../src/facts/add-ons.ts";
import { addResource, removeResource } from "../../lib/examples/resources.ts";
import { declaredObjects } from "../../lib/kubernetes/objects.ts";
import { requiredResources } from "../../lib/record/required-resources.ts";
import { serverConfigOf } from "../../lib/rke2/files.ts";
import type { Resource } from "../../lib/rules/resource.ts";
import type { StackRule } from "../../lib/rules/rule.ts";
import { machineOf } from "../../lib/vm/machines.ts";

const namespaceType = "kubernetes:core/v1:Namespace";
const ofPlatform: readonly string[] = Object.values(platformNamespaces);

/**
 * The record of known resources knows a resource by its type and its name. A second one of the same name under another parent would pass
 * as the first, and a second provider would take resources to another endpoint. A resource that is gone violates no rule about its inputs: the default deny of `kube-system`, the preparation of one node, the policy
 * about Services. The record has those that the program declares for every stack file, for every machine and for every namespace.
 */
export const programCompleteStack: StackRule = {
	name: "program-complete-stack",
	description:
		"The stack has everything that the program declares for every cluster, machine and namespace, and each type and name once.",
	severity: "high",
	controls: [],
	foundation: true,
	frameworks: { cisControls: ["4.1"], iso27001: ["A.8.9"], nist80053: ["CM-2", "CM-3"] },
	remediation:
		"Declare the resource again; when the program needs it no longer, record that by `npm run policy:record`.",
	subject: {
		plural: "RKE2 configurations of servers",
		isDeclaredBy: (resource) => serverConfigOf(resource) !== undefined,
	},
	examples: [
		{
			change: "no default deny for what leaves kube-system",
			apply: removeResource("kubernetes:networking.k8s.io/v1:NetworkPolicy", "kube-system-default-deny-egress"),
			sentence:
				"The stack has no kubernetes:networking.k8s.io/v1:NetworkPolicy kube-system-default-deny-egress, which every cluster has; declare it.",
		},
		{
			change: "a worker that nothing prepares",
			apply: removeResource("command:remote:Command", "proj-k8sw01-prepare"),
			sentence: "The machine proj-k8sw01 has no command:remote:Command proj-k8sw01-prepare; declare it.",
		},
		{
			change: "a namespace without its quota",
			apply: removeResource("kubernetes:core/v1:ResourceQuota", "monitoring-quota"),
			sentence: "The namespace monitoring has no kubernetes:core/v1:ResourceQuota monitoring-quota; declare it.",
		},
		{
			change: "a second provider of Proxmox",
			apply: addResource("pulumi:providers:proxmoxve", "proxmox", { endpoint: "https://10.25.20.66:8006/" }),
			sentence: "proxmox is a second pulumi:providers:proxmoxve; allowed is one.",
		},
	],

	checkStack(resources, report) {
		refuseDuplicates(resources, report);
		const server = resources.find((resource) => serverConfigOf(resource));
		if (!server) {
			return;
		}
		const declared = new Set(resources.map(({ type, name }) => `${type} ${name}`));
		const { always, machine, platform, workload } = requiredResources();
		for (const needed of always.filter((one) => !declared.has(one))) {
			report(`The stack has no ${needed}, which every cluster has; declare it.`, server);
		}
		const require = (owner: Resource, what: string, templates: readonly string[]) => {
			for (const needed of templates.map((template) => template.replace("<name>", owner.name))) {
				if (!declared.has(needed)) {
					report(`The ${what} ${owner.name} has no ${needed}; declare it.`, owner);
				}
			}
		};
		for (const resource of resources) {
			if (machineOf(resource)) {
				require(resource, "machine", machine);
			} else if (resource.type === namespaceType) {
				require(resource, "namespace", ofPlatform.includes(resource.name) ? platform : workload);
			}
		}
		requireSecrets(resources, report);
	},
};

function refuseDuplicates(resources: readonly Resource[], report: (message: string, culprit: Resource) => void): void {
	const known = new Set<string>();
	for (const resource of resources) {
		const { type, name } = resource;
		const isProvider = type.startsWith("pulumi:providers:");
		const key = isProvider ? type : `${type} ${name}`;
		if (known.has(key)) {
			report(`${name} is a second ${isProvider ? type : `${type} of this name`}; allowed is one.`, resource);
		}
		known.add(key);
	}
}

/** RKE2 uploads no snapshot without the Secret that its configuration names. */
function requireSecrets(resources: readonly Resource[], report: (message: string, culprit: Resource) => void): void {
	const secrets = new Set(
		declaredObjects(resources).flatMap(({ object: { kind, metadata } }) => (kind === "Secret" ? [metadata.name] : [])),
	);
	for (const resource of resources) {
		const config = serverConfigOf(resource);
		const needed = config?.effective["etcd-s3-config-secret"];
		if (typeof needed === "string" && !secrets.has(needed)) {
			report(`${config!.title} names the Secret ${needed}, which the stack does not have; declare it.`, resource);
		}
	}
}
