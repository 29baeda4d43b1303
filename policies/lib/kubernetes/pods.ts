/** Pods, and the objects that make them. */

import type { Shaped } from "../reading/shape.ts";
import { type KubernetesObject, partOf } from "./objects.ts";

const securityContextShape = {
	privileged: "boolean",
	allowPrivilegeEscalation: "boolean",
	readOnlyRootFilesystem: "boolean",
	runAsNonRoot: "boolean",
	runAsUser: "number",
	capabilities: { add: ["string"], drop: ["string"] },
	seccompProfile: { type: "string" },
	windowsOptions: { hostProcess: "boolean" },
} as const;
export type SecurityContext = Shaped<typeof securityContextShape>;

/** The parts of a container that rules read. */
const containerShape = {
	name: "string",
	image: "string",
	env: [{ name: "string", valueFrom: { secretKeyRef: "object" } }],
	envFrom: [{ secretRef: "object" }],
	ports: [{ hostPort: "number" }],
	resources: { limits: "object" },
	securityContext: securityContextShape,
} as const;
export type Container = Shaped<typeof containerShape>;

/** The parts of a pod that rules read. */
const podShape = {
	os: { name: "string" },
	serviceAccountName: "string",
	/** The old name of it, which counts where the new one is empty. */
	serviceAccount: "string",
	automountServiceAccountToken: "boolean",
	hostNetwork: "boolean",
	hostPID: "boolean",
	hostIPC: "boolean",
	volumes: [{ name: "string", hostPath: { path: "string" } }],
	securityContext: securityContextShape,
	containers: [containerShape],
	initContainers: [containerShape],
	ephemeralContainers: [containerShape],
} as const;
export type Pod = Shaped<typeof podShape>;

const template = ["spec", "template", "spec"];

/** Where the kinds that are or make pods have the specification of the pod. */
const specifications: Readonly<Record<string, readonly string[]>> = {
	"core/Pod": ["spec"],
	"core/PodTemplate": ["template", "spec"],
	"core/ReplicationController": template,
	"apps/Deployment": template,
	"apps/DaemonSet": template,
	"apps/ReplicaSet": template,
	"apps/StatefulSet": template,
	"batch/Job": template,
	"batch/CronJob": ["spec", "jobTemplate", "spec", "template", "spec"],
};

/** Path of the pod's specification from the root of an object that is or makes a pod. */
export function podPath({ apiVersion, kind }: KubernetesObject): readonly string[] | undefined {
	const group = apiVersion.includes("/") ? apiVersion.split("/")[0] : "core";
	return specifications[`${group}/${kind}`];
}

/**
 * Whether a change of the pod is not an update: the API server takes none, so that Pulumi deletes a running Pod and makes
 * another, and a Job that is done runs again.
 */
export function isReplacedWithItsPod({ apiVersion, kind }: KubernetesObject): boolean {
	return (apiVersion === "v1" && kind === "Pod") || (apiVersion.startsWith("batch/") && kind === "Job");
}

/** The pod that an object is or makes, if any. */
export function podOf(object: KubernetesObject): Pod | undefined {
	const path = podPath(object);
	return path && partOf(object, path, podShape);
}

/** The account that a pod runs as; none where the pod leaves it to Kubernetes, which takes `default`. */
export function accountOf({ serviceAccountName, serviceAccount }: Pod): string | undefined {
	return serviceAccountName || serviceAccount || undefined;
}

/** Every container that runs at some time in the pod that an object is or makes. */
export function containersIn(object: KubernetesObject): Container[] {
	const { initContainers = [], containers = [], ephemeralContainers = [] } = podOf(object) ?? {};
	return [...initContainers, ...containers, ...ephemeralContainers];
}

/** Whom a security context holds for. */
export interface Confined {
	/** e.g. `Container main of Deployment monitoring/app` */
	subject: string;
	own: SecurityContext;
	/** Of the pod; counts for what a container does not say itself. */
	inherited: SecurityContext;
}

/**
 * Every container with its security context. In a patch the pod stands beside them: the containers that will inherit from
 * it need not be in the patch, and those that are say only what is changed.
 */
export function confinedIn(object: KubernetesObject): Confined[] {
	const ofPod = podOf(object)?.securityContext ?? {};
	const containers = containersIn(object).map(({ name, securityContext }) => ({
		subject: `Container ${name} of ${object.subject}`,
		own: securityContext ?? {},
		inherited: object.patch ? {} : ofPod,
	}));
	return object.patch ? [...containers, { subject: object.subject, own: ofPod, inherited: {} }] : containers;
}
