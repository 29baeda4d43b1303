/** Pods, and the objects that make them. */
import type { KubernetesObject } from "./kubernetes.ts";

/** The parts of a container that rules read. */
export interface Container {
	name?: string;
	image?: string;
	env?: { name?: string; valueFrom?: { secretKeyRef?: object } }[];
	envFrom?: { secretRef?: object }[];
	ports?: { hostPort?: number; containerPort?: number }[];
	resources?: { limits?: Record<string, unknown>; requests?: Record<string, unknown> };
	securityContext?: SecurityContext;
}

export interface SecurityContext {
	privileged?: boolean;
	allowPrivilegeEscalation?: boolean;
	readOnlyRootFilesystem?: boolean;
	runAsNonRoot?: boolean;
	runAsUser?: number;
	capabilities?: { add?: string[]; drop?: string[] };
	seccompProfile?: { type?: string };
	windowsOptions?: { hostProcess?: boolean };
}

/** The parts of a pod that rules read. */
export interface Pod {
	os?: { name?: string };
	serviceAccountName?: string;
	automountServiceAccountToken?: boolean;
	hostNetwork?: boolean;
	hostPID?: boolean;
	hostIPC?: boolean;
	volumes?: { name?: string; hostPath?: { path?: string } }[];
	securityContext?: SecurityContext;
	containers?: Container[];
	initContainers?: Container[];
	ephemeralContainers?: Container[];
}

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

/** The pod that an object is or makes, if any. */
export function podOf(object: KubernetesObject): Pod | undefined {
	const specification = podPath(object)?.reduce<unknown>(
		(value, member) => (value as Record<string, unknown> | undefined)?.[member],
		object.manifest,
	);
	return specification as Pod | undefined;
}

/** Every container that runs in the pod at some time. */
export function containersOf({ initContainers = [], containers = [], ephemeralContainers = [] }: Pod): Container[] {
	return [...initContainers, ...containers, ...ephemeralContainers];
}
