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
	env: [{ name: "string", value: "string", valueFrom: { secretKeyRef: "object" } }],
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
	/** The field's old name, which counts where the new one is empty. */
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

/** Path of the pod's specification in the kinds that are or make pods. */
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
 * Whether a change of the pod replaces the object, because the API server refuses to update it: Pulumi deletes a running Pod
 * and makes another, and a finished Job runs again.
 */
export function isReplacedWithItsPod({ apiVersion, kind }: KubernetesObject): boolean {
	return (apiVersion === "v1" && kind === "Pod") || (apiVersion.startsWith("batch/") && kind === "Job");
}

/** The pod that an object is or makes, if any. */
export function podOf(object: KubernetesObject): Pod | undefined {
	const path = podPath(object);
	return path && partOf(object, path, podShape);
}

/** The account that a pod runs as; none where the pod does not name one and Kubernetes uses `default`. */
export function accountOf({ serviceAccountName, serviceAccount }: Pod): string | undefined {
	return serviceAccountName || serviceAccount || undefined;
}

/** Every container that runs at some time in the pod that an object is or makes. */
export function containersIn(object: KubernetesObject): Container[] {
	const { initContainers = [], containers = [], ephemeralContainers = [] } = podOf(object) ?? {};
	return [...initContainers, ...containers, ...ephemeralContainers];
}

/** A container or pod with its security context. */
export interface Confined {
	/** e.g. `Container main of Deployment monitoring/app` */
	subject: string;
	own: SecurityContext;
	/** The pod's context, which counts for fields that the container does not set. */
	inherited: SecurityContext;
}

/**
 * Every container with its security context. For a patch, the pod is in the list as well: the containers that will inherit
 * from it need not be in the patch, and those in the patch have only the changed fields.
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
