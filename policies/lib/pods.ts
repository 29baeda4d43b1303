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

interface Template {
	spec?: Pod;
}

/** The pod that an object is or makes, if any. */
export function podOf({ apiVersion, kind, manifest }: KubernetesObject): Pod | undefined {
	const { spec, template } = manifest as { spec?: object; template?: Template };
	const group = apiVersion.includes("/") ? apiVersion.split("/")[0] : "core";
	switch (`${group}/${kind}`) {
		case "core/Pod":
			return spec as Pod | undefined;
		case "core/PodTemplate":
			return template?.spec;
		case "core/ReplicationController":
		case "apps/Deployment":
		case "apps/DaemonSet":
		case "apps/ReplicaSet":
		case "apps/StatefulSet":
		case "batch/Job":
			return (spec as { template?: Template } | undefined)?.template?.spec;
		case "batch/CronJob":
			return (spec as { jobTemplate?: { spec?: { template?: Template } } } | undefined)?.jobTemplate?.spec?.template
				?.spec;
		default:
			return undefined;
	}
}

/** Every container that runs in the pod at some time. */
export function containersOf({ initContainers = [], containers = [], ephemeralContainers = [] }: Pod): Container[] {
	return [...initContainers, ...containers, ...ephemeralContainers];
}
