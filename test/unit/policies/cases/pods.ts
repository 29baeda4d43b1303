/** Rules about pods: in every place where a pod can stand, and in every list of containers that it can have. */
import { commandWith } from "../bundle.ts";
import type { Given } from "../run-rule.ts";
import type { CaseTable } from "./case.ts";

const metadata = { name: "app", namespace: "monitoring" };

function pod(spec: object): Given {
	return { type: "kubernetes:core/v1:Pod", props: { metadata, spec } };
}

function deployment(spec: object, suffix = ""): Given {
	return { type: `kubernetes:apps/v1:Deployment${suffix}`, props: { metadata, spec: { template: { spec } } } };
}

function cronJob(spec: object): Given {
	return {
		type: "kubernetes:batch/v1:CronJob",
		props: { metadata, spec: { jobTemplate: { spec: { template: { spec } } } } },
	};
}

function podTemplate(spec: object): Given {
	return { type: "kubernetes:core/v1:PodTemplate", props: { metadata, template: { spec } } };
}

/** Rules evaluate the members of a list one by one. */
function list(spec: object): Given {
	return { type: "kubernetes:core/v1:PodList", props: { items: [{ metadata, spec }] } };
}

function volume(spec: object): Given {
	return { type: "kubernetes:core/v1:PersistentVolume", props: { metadata: { name: "app" }, spec } };
}

const one = (container: object) => ({ containers: [{ name: "main", ...container }] });
const secured = (securityContext: object) => one({ securityContext });
const initial = (container: object) => ({ initContainers: [{ name: "init", ...container }] });
const temporary = (container: object) => ({ ephemeralContainers: [{ name: "debug", ...container }] });

export const podCases: CaseTable = {
	"kubernetes-privileged-containers": {
		accepts: {
			"a container that does not say": pod(one({})),
			"a container that says no": pod(secured({ privileged: false })),
			"null, which says nothing": pod({ initContainers: null, containers: [{ name: "main", securityContext: null }] }),
		},
		refuses: {
			"a first container": [
				deployment(initial({ securityContext: { privileged: true } })),
				"Container init of Deployment monitoring/app is privileged; remove securityContext.privileged.",
			],
			"a container for looking around": [
				pod(temporary({ securityContext: { privileged: true } })),
				"Container debug of Pod monitoring/app is privileged; remove securityContext.privileged.",
			],
			"a manifest that is no object": [
				commandWith({ "/var/lib/rancher/rke2/server/manifests/app.yaml": "text" }),
				"the manifest of /var/lib/rancher/rke2/server/manifests/app.yaml is not an object, so this rule cannot be decided.",
			],
			"one container in place of a list": [
				deployment({ initContainers: { name: "init" } }),
				"spec.template.spec.initContainers of Deployment monitoring/app is not a list, so this rule cannot be decided.",
			],
			"nothing in place of a container": [
				pod({ containers: [null] }),
				"spec.containers.0 of Pod monitoring/app is not an object, so this rule cannot be decided.",
			],
			"text in place of a template": [
				{ type: "kubernetes:apps/v1:Deployment", props: { metadata, spec: { template: "none" } } },
				"spec.template of Deployment monitoring/app is not an object, so this rule cannot be decided.",
			],
			"a patch of another program's pods": [
				deployment(secured({ privileged: true }), "Patch"),
				"Container main of Deployment monitoring/app is privileged; remove securityContext.privileged.",
			],
		},
	},
	"kubernetes-host-namespaces": {
		accepts: {
			"a pod in its own": deployment({ hostNetwork: false }),
			"another kind": { ...pod({}), type: "kubernetes:core/v1:Service" },
		},
		refuses: {
			"the host's processes, in a list": [
				list({ hostPID: true }),
				"Pod monitoring/app has hostPID; remove it (control 5.2.3).",
			],
			"the host's IPC, in a template of a job": [
				cronJob({ hostIPC: true }),
				"CronJob monitoring/app has hostIPC; remove it (control 5.2.4).",
			],
			"the host's network, by a patch": [
				deployment({ hostNetwork: true }, "Patch"),
				"Deployment monitoring/app has hostNetwork; remove it (control 5.2.5).",
			],
			"a text in place of a boolean": [
				pod({ hostPID: "yes" }),
				"spec.hostPID of Pod monitoring/app is not a boolean, so this rule cannot be decided.",
			],
		},
	},
	"kubernetes-host-paths": {
		accepts: {
			"a volume of its own": pod({ volumes: [{ name: "scratch", emptyDir: {} }] }),
			"a local volume on a data disk": volume({ local: { path: "/mnt/data/volume-01" } }),
			"a volume of a driver": volume({ csi: { driver: "csi.example" } }),
		},
		refuses: {
			"a path of the node": [
				podTemplate({ volumes: [{ name: "etc", hostPath: { path: "/etc" } }] }),
				"PodTemplate monitoring/app mounts /etc of its node as etc; use another kind of volume.",
			],
			"a path that a patch adds": [
				deployment({ volumes: [{ name: "root", hostPath: { path: "/" } }] }, "Patch"),
				"Deployment monitoring/app mounts / of its node as root; use another kind of volume.",
			],
			"a persistent volume that is the whole node": [
				volume({ hostPath: { path: "/" } }),
				"PersistentVolume app is / of a node; use another kind of volume.",
			],
			"a local volume in the system's own directories": [
				volume({ local: { path: "/var/lib/rancher" } }),
				"PersistentVolume app is /var/lib/rancher of a node; a local volume belongs below /mnt/.",
			],
		},
	},
	"kubernetes-host-ports": {
		accepts: {
			"a port of the pod": pod(one({ ports: [{ containerPort: 8080 }] })),
			"port 0, which is none": pod(one({ ports: [{ hostPort: 0 }] })),
		},
		refuses: {
			"two ports of the node": [
				deployment(one({ ports: [{ hostPort: 80 }, { hostPort: 443 }] })),
				"Container main of Deployment monitoring/app takes the port 80, 443 of its node; remove hostPort.",
			],
		},
	},
	"kubernetes-windows-host-process": {
		accepts: { "a container of Windows": pod(secured({ windowsOptions: { runAsUserName: "ContainerUser" } })) },
		refuses: {
			"the pod's own context": [
				pod({ securityContext: { windowsOptions: { hostProcess: true } } }),
				"Pod monitoring/app runs as a Windows HostProcess; remove windowsOptions.hostProcess.",
			],
			"a container": [
				pod(secured({ windowsOptions: { hostProcess: true } })),
				"Pod monitoring/app runs as a Windows HostProcess; remove windowsOptions.hostProcess.",
			],
		},
	},
	"kubernetes-privilege-escalation": {
		accepts: {
			"a container that says no": pod(secured({ allowPrivilegeEscalation: false })),
			"a patch, which leaves it as it is": deployment(one({}), "Patch"),
		},
		refuses: {
			"a container that does not say": [
				cronJob(one({})),
				"Container main of CronJob monitoring/app does not set allowPrivilegeEscalation to false.",
			],
			"a patch that allows it": [
				deployment(secured({ allowPrivilegeEscalation: true }), "Patch"),
				"Container main of Deployment monitoring/app does not set allowPrivilegeEscalation to false.",
			],
		},
	},
	"kubernetes-root-containers": {
		accepts: {
			"the pod's setting for its containers": pod({ securityContext: { runAsNonRoot: true }, ...one({}) }),
			"a user of the container over root of the pod": pod({
				securityContext: { runAsNonRoot: true, runAsUser: 0 },
				...secured({ runAsUser: 1000 }),
			}),
			"a patch, which leaves it as it is": deployment(one({}), "Patch"),
			"a patch of the user": deployment(secured({ runAsUser: 1000 }), "Patch"),
		},
		refuses: {
			"a container that takes it back": [
				pod({ securityContext: { runAsNonRoot: true }, ...secured({ runAsNonRoot: false }) }),
				"Container main of Pod monitoring/app may run as root; set runAsNonRoot: true.",
			],
			"user 0 beside runAsNonRoot": [
				pod(secured({ runAsNonRoot: true, runAsUser: 0 })),
				"Container main of Pod monitoring/app may run as root; set runAsNonRoot: true.",
			],
			"a patch that makes a container root": [
				deployment(secured({ runAsUser: 0 }), "Patch"),
				"Container main of Deployment monitoring/app may run as root; set runAsNonRoot: true.",
			],
			"a patch that makes root of what is not in it": [
				deployment({ securityContext: { runAsNonRoot: false } }, "Patch"),
				"Deployment monitoring/app may run as root; set runAsNonRoot: true.",
			],
		},
	},
	"kubernetes-capabilities": {
		accepts: {
			"a web server's port": pod(secured({ capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] } })),
			"ALL in other letters": pod(secured({ capabilities: { drop: ["all"] } })),
			"a patch, which leaves them as they are": deployment(one({}), "Patch"),
		},
		refuses: {
			"some dropped": [
				pod(secured({ capabilities: { drop: ["NET_RAW"] } })),
				"Container main of Pod monitoring/app keeps capabilities of the runtime's default set; drop ALL (control 5.2.9).",
			],
			"forging packets": [
				pod(secured({ capabilities: { drop: ["ALL"], add: ["NET_RAW"] } })),
				"Container main of Pod monitoring/app can forge packets; drop ALL and do not add NET_RAW (control 5.2.8).",
			],
			"one added by a patch": [
				deployment(secured({ capabilities: { add: ["SYS_ADMIN"] } }), "Patch"),
				"Container main of Deployment monitoring/app adds SYS_ADMIN; allowed is NET_BIND_SERVICE (control 5.2.9).",
			],
			"a patch that drops less": [
				deployment(secured({ capabilities: { drop: ["NET_RAW"] } }), "Patch"),
				"Container main of Deployment monitoring/app keeps capabilities of the runtime's default set; drop ALL (control 5.2.9).",
			],
			"a text in place of a list": [
				pod(secured({ capabilities: { drop: "ALL" } })),
				"spec.containers.0.securityContext.capabilities.drop of Pod monitoring/app is not a list, so this rule cannot be decided.",
			],
		},
	},
	"kubernetes-node-capabilities": {
		accepts: {
			"a network interface of the node": pod(
				secured({ capabilities: { drop: ["ALL"], add: ["NET_ADMIN", "NET_RAW"] } }),
			),
			"what the runtime adds": pod(one({})),
		},
		refuses: {
			"the kernel's modules and mounts beside a network interface": [
				pod(secured({ capabilities: { add: ["NET_ADMIN", "SYS_ADMIN", "SYS_MODULE"] } })),
				"Container main of Pod monitoring/app adds SYS_ADMIN, SYS_MODULE; allowed is no capability that gives control of the node.",
			],
			"every one, in other letters": [
				deployment(initial({ securityContext: { capabilities: { add: ["all"] } } })),
				"Container init of Deployment monitoring/app adds all; allowed is no capability that gives control of the node.",
			],
		},
	},
	"kubernetes-seccomp": {
		accepts: {
			"the pod's profile": pod({ securityContext: { seccompProfile: { type: "RuntimeDefault" } }, ...one({}) }),
			"a profile of its own": pod(secured({ seccompProfile: { type: "Localhost", localhostProfile: "app.json" } })),
			"a patch, which leaves it as it is": deployment(one({}), "Patch"),
		},
		refuses: {
			"a container without the pod's profile": [
				pod({
					securityContext: { seccompProfile: { type: "RuntimeDefault" } },
					...secured({ seccompProfile: { type: "Unconfined" } }),
				}),
				"Container main of Pod monitoring/app has the seccomp profile Unconfined; allowed are RuntimeDefault and Localhost.",
			],
			"a patch that takes it away": [
				deployment(secured({ seccompProfile: { type: "Unconfined" } }), "Patch"),
				"Container main of Deployment monitoring/app has the seccomp profile Unconfined; allowed are RuntimeDefault and Localhost.",
			],
			"a patch that takes it from the pod": [
				deployment({ securityContext: { seccompProfile: { type: "Unconfined" } } }, "Patch"),
				"Deployment monitoring/app has the seccomp profile Unconfined; allowed are RuntimeDefault and Localhost.",
			],
			silence: [
				podTemplate(one({})),
				"Container main of PodTemplate monitoring/app has the seccomp profile of the kubelet; allowed are RuntimeDefault and Localhost.",
			],
		},
	},
	"kubernetes-security-context": {
		accepts: {
			"files that stay as they are": pod(secured({ readOnlyRootFilesystem: true })),
			"a patch, which leaves them so": deployment(one({}), "Patch"),
		},
		refuses: {
			"one of two containers": [
				pod({ ...secured({ readOnlyRootFilesystem: true }), ...initial({}) }),
				"Container init of Pod monitoring/app can write to its root file system; set readOnlyRootFilesystem.",
			],
			"a patch that makes them writable": [
				deployment(secured({ readOnlyRootFilesystem: false }), "Patch"),
				"Container main of Deployment monitoring/app can write to its root file system; set readOnlyRootFilesystem.",
			],
		},
	},
	"kubernetes-secrets-in-environment": {
		accepts: {
			"other values": pod(one({ env: [{ name: "A", value: "b" }], envFrom: [{ configMapRef: { name: "app" } }] })),
		},
		refuses: {
			"a variable": [
				pod(one({ env: [{ name: "PASSWORD", valueFrom: { secretKeyRef: { name: "app", key: "password" } } }] })),
				"Container main of Pod monitoring/app has a secret in PASSWORD; mount it as a file.",
			],
			"a whole Secret": [
				pod(initial({ envFrom: [{ secretRef: { name: "app" } }] })),
				"Container init of Pod monitoring/app has a secret in envFrom; mount it as a file.",
			],
		},
	},
	"kubernetes-image-tags": {
		accepts: {
			"a version, at a registry with a port": pod(one({ image: "registry.example:5000/app:1.0.0" })),
			"a digest": pod(one({ image: `registry.example/app@sha256:${"a".repeat(64)}` })),
		},
		refuses: {
			"a port that looks like a version": [
				pod(one({ image: "registry.example:5000/app" })),
				"Container main of Pod monitoring/app runs registry.example:5000/app, which names no version; name one, or a digest.",
			],
			latest: [
				pod(temporary({ image: "busybox:latest" })),
				"Container debug of Pod monitoring/app runs busybox:latest, which names no version; name one, or a digest.",
			],
		},
	},
	"kubernetes-resource-limits": {
		accepts: {
			"a limit": pod(one({ resources: { limits: { memory: "64Mi" } } })),
			"a patch, which leaves it as it is": deployment(one({}), "Patch"),
		},
		refuses: {
			"a request without a limit": [
				pod(one({ resources: { requests: { memory: "64Mi" }, limits: { cpu: "1" } } })),
				"Container main of Pod monitoring/app has no memory limit; set resources.limits.memory.",
			],
			"nothing in place of a limit": [
				pod(one({ resources: { limits: { memory: null } } })),
				"Container main of Pod monitoring/app has no memory limit; set resources.limits.memory.",
			],
		},
	},
	"kubernetes-service-account-tokens": {
		accepts: {
			"a pod that needs one": pod({ automountServiceAccountToken: true }),
			"an account that gives none": {
				type: "kubernetes:core/v1:ServiceAccount",
				props: { metadata, automountServiceAccountToken: false },
			},
			"a patch of something else": { type: "kubernetes:core/v1:ServiceAccountPatch", props: { metadata } },
		},
		refuses: {
			"a pod that does not say": [
				cronJob({ serviceAccountName: "app" }),
				"CronJob monitoring/app does not set automountServiceAccountToken; set it to whether the pod needs a token.",
			],
			"an account that does not say": [
				{ type: "kubernetes:core/v1:ServiceAccount", props: { metadata } },
				"ServiceAccount monitoring/app mounts its token into every pod; set automountServiceAccountToken: false.",
			],
			"a patch that mounts it": [
				{
					type: "kubernetes:core/v1:ServiceAccountPatch",
					props: { metadata, automountServiceAccountToken: true },
				},
				"ServiceAccount monitoring/app mounts its token into every pod; set automountServiceAccountToken: false.",
			],
		},
	},
};
