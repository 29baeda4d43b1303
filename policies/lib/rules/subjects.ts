/**
 * Subjects of rules, and rules that get their subject already read. A rule that names the type of its resources costs
 * nothing for all others: Pulumi deserializes a resource again for each policy that it runs on it.
 */
import { helmRelease, type Release } from "../helm/releases.ts";
import { isNetworkPolicy } from "../kubernetes/network/policies.ts";
import { type KubernetesObject, objectsOf } from "../kubernetes/objects.ts";
import { podPath } from "../kubernetes/pods.ts";
import { isBinding, isRole } from "../kubernetes/roles.ts";
import { type Rke2Config, remoteCommand, rke2ConfigOf, serverConfigOf } from "../rke2/files.ts";
import { type Machine, otherMachineTypes, virtualMachine } from "../vm/machines.ts";
import type { Resource } from "./resource.ts";
import type { Report, ResourceRule, RuleDescription, Subject } from "./rule.ts";

/** Whether a resource declares an object that passes the test. */
export function declares(test: (object: KubernetesObject) => boolean): Subject["isDeclaredBy"] {
	return (resource) => objectsOf(resource).some(test);
}

export const machines: Subject = { plural: "machines", isDeclaredBy: ({ type }) => type === virtualMachine };

export const machinesOfAnyType: Subject = {
	plural: "machines",
	isDeclaredBy: ({ type }) => type === virtualMachine || otherMachineTypes.includes(type),
};

export const releases: Subject = { plural: "Helm releases", isDeclaredBy: ({ type }) => type === helmRelease };

export const nodeConfigurations: Subject = {
	plural: "RKE2 configurations",
	isDeclaredBy: (resource) => rke2ConfigOf(resource) !== undefined,
};

export const serverConfigurations: Subject = {
	plural: "RKE2 configurations of servers",
	isDeclaredBy: (resource) => serverConfigOf(resource) !== undefined,
};

export const anyObjects: Subject = { plural: "Kubernetes objects", isDeclaredBy: declares(() => true) };

const isNamespace = ({ apiVersion, kind }: KubernetesObject) => apiVersion === "v1" && kind === "Namespace";
export const namespaces: Subject = { plural: "namespaces", isDeclaredBy: declares(isNamespace) };

export const networkPolicies: Subject = { plural: "network policies", isDeclaredBy: declares(isNetworkPolicy) };

export const services: Subject = {
	plural: "Services",
	isDeclaredBy: declares((object) => isCore(object, "Service")),
	isRecognizedIn: ({ kind }) => kind.startsWith("Service"),
};

export const secrets: Subject = {
	plural: "Secrets",
	isDeclaredBy: declares((object) => isCore(object, "Secret")),
	isRecognizedIn: ({ kind }) => kind.startsWith("Secret"),
};

/** Groups of the kinds because of which the API server calls another program. */
const extending = ["admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io"];
export const apiExtensions: Subject = {
	plural: "webhooks, definitions and API services",
	isDeclaredBy: declares(isExtension),
	isRecognizedIn: isExtension,
};

function isExtension({ apiVersion }: KubernetesObject): boolean {
	return extending.includes(apiVersion.split("/")[0]!);
}

const makesPods = (object: KubernetesObject) => podPath(object) !== undefined;
export const pods: Subject = {
	plural: "pods",
	isDeclaredBy: declares(makesPods),
	isRecognizedIn: ({ manifest }) => holdsContainers(manifest),
};

export const podsAndVolumes: Subject = {
	...pods,
	isDeclaredBy: declares((object) => makesPods(object) || isCore(object, "PersistentVolume")),
};

export const namespacesAndPods: Subject = {
	plural: "namespaces and pods",
	isDeclaredBy: declares((object) => isNamespace(object) || makesPods(object)),
};

export const accountsAndPods: Subject = {
	plural: "ServiceAccounts and pods",
	isDeclaredBy: declares((object) => isCore(object, "ServiceAccount") || makesPods(object)),
};

export const servicesAndReleases: Subject = {
	plural: "Services and Helm releases",
	isDeclaredBy: (resource) =>
		releases.isDeclaredBy(resource) || objectsOf(resource).some((object) => isCore(object, "Service")),
};

export const roles: Subject = {
	plural: "roles",
	isDeclaredBy: declares(isRole),
	isRecognizedIn: ({ apiVersion, kind }) => isOfRbac(apiVersion) && kind.endsWith("Role"),
};

export const bindings: Subject = {
	plural: "bindings",
	isDeclaredBy: declares(isBinding),
	isRecognizedIn: ({ apiVersion, kind }) => isOfRbac(apiVersion) && kind.endsWith("RoleBinding"),
};

export const rolesAndBindings: Subject = {
	plural: "roles and bindings",
	isDeclaredBy: declares((object) => isRole(object) || isBinding(object)),
	isRecognizedIn: ({ apiVersion }) => isOfRbac(apiVersion),
};

function isCore({ apiVersion, kind }: KubernetesObject, wanted: string): boolean {
	return apiVersion === "v1" && kind === wanted;
}

function isOfRbac(apiVersion: string): boolean {
	return apiVersion.startsWith("rbac.authorization.k8s.io/");
}

/** Whether an object of any kind has containers somewhere. */
function holdsContainers(value: unknown): boolean {
	if (Array.isArray(value)) {
		return value.some(holdsContainers);
	}
	if (typeof value !== "object" || value === null) {
		return false;
	}
	return Object.entries(value).some(
		([key, member]) => (/^(init|ephemeral)?containers$/i.test(key) && Array.isArray(member)) || holdsContainers(member),
	);
}

type About<Value> = Omit<RuleDescription, "subject"> & {
	check(value: Value, report: Report, resource: Resource): void;
};

/** About every virtual machine. */
export function machineRule({ check, ...description }: About<Machine>): ResourceRule {
	return {
		...description,
		subject: machines,
		type: virtualMachine,
		checkResource: (resource, report) => check(resource.props as Machine, report, resource),
	};
}

/** About every Helm release. */
export function releaseRule({ check, ...description }: About<Release>): ResourceRule {
	return {
		...description,
		subject: releases,
		type: helmRelease,
		checkResource: (resource, report) => check(resource.props as Release, report, resource),
	};
}

/** About the RKE2 configuration of every node. */
export function nodeRule(rule: About<Rke2Config>): ResourceRule {
	return configRule(rule, nodeConfigurations, rke2ConfigOf);
}

/** About the RKE2 configuration of every server. */
export function serverRule(rule: About<Rke2Config>): ResourceRule {
	return configRule(rule, serverConfigurations, serverConfigOf);
}

function configRule(
	{ check, ...description }: About<Rke2Config>,
	subject: Subject,
	configOf: (resource: Resource) => Rke2Config | undefined,
): ResourceRule {
	return {
		...description,
		subject,
		type: remoteCommand,
		checkResource: (resource, report) => {
			const config = configOf(resource);
			if (config) {
				check(config, report, resource);
			}
		},
	};
}
