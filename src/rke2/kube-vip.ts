import { stringify } from "yaml";
import type { StackConfig } from "../config/schema/stack.ts";
import { apiPort, nodeInterface } from "../facts/network.ts";

type Api = StackConfig["cluster"]["api"];

const repository = "ghcr.io/kube-vip/kube-vip";
const name = "kube-vip";
const namespace = "kube-system";
const metadata = { name, namespace, labels: { "app.kubernetes.io/name": name } };

/**
 * Manifest of kube-vip: it holds the virtual address of the API on one control plane at a time and announces it by ARP.
 * Nodes register at the same address.
 */
export function kubeVipManifest(api: Api): string {
	const documents = [serviceAccount, role, roleBinding, daemonSet(api)];
	return documents.map((document) => stringify(document, { aliasDuplicateObjects: false })).join("---\n");
}

// The pod that needs the token mounts it explicitly (CIS Kubernetes 5.1.6).
const serviceAccount = { apiVersion: "v1", kind: "ServiceAccount", metadata, automountServiceAccountToken: false };

/** Enough for the control plane mode by ARP. The ClusterRole in kube-vip's documentation is for its other modes. */
const role = {
	apiVersion: "rbac.authorization.k8s.io/v1",
	kind: "Role",
	metadata,
	rules: [
		{
			apiGroups: ["coordination.k8s.io"],
			resources: ["leases"],
			verbs: ["get", "list", "watch", "create", "update", "patch"],
		},
	],
};

const roleBinding = {
	apiVersion: "rbac.authorization.k8s.io/v1",
	kind: "RoleBinding",
	metadata,
	roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name },
	subjects: [{ kind: "ServiceAccount", name, namespace }],
};

function daemonSet(api: Api) {
	const labels = metadata.labels;
	return {
		apiVersion: "apps/v1",
		kind: "DaemonSet",
		metadata,
		spec: {
			selector: { matchLabels: labels },
			updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1 } },
			template: {
				metadata: { labels },
				spec: {
					serviceAccountName: name,
					automountServiceAccountToken: true,
					hostNetwork: true,
					priorityClassName: "system-node-critical",
					nodeSelector: { "node-role.kubernetes.io/control-plane": "true" },
					// A taint must not remove kube-vip from a node: clients reach the API through its address.
					tolerations: [{ operator: "Exists" }],
					containers: [container(api)],
				},
			},
		},
	};
}

function container({ address, kubeVip }: Api) {
	const { version, sha256 } = kubeVip;
	return {
		name,
		image: `${repository}:${version}${sha256 === undefined ? "" : `@sha256:${sha256}`}`,
		imagePullPolicy: "IfNotPresent",
		args: ["manager"],
		// The checks refuse a stack of this mode without an address.
		env: [
			...environment(address!, kubeVip),
			{ name: "vip_nodename", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
		],
		resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "128Mi" } },
		securityContext: {
			allowPrivilegeEscalation: false,
			readOnlyRootFilesystem: true,
			capabilities: { drop: ["ALL"], add: ["NET_ADMIN", "NET_RAW"] },
			seccompProfile: { type: "RuntimeDefault" },
		},
	};
}

function environment(address: string, lease: Api["kubeVip"]) {
	return Object.entries({
		// Kubernetes would set the address of the `kubernetes` Service, at which any API server answers: kube-vip would keep
		// the API's address on a node whose own API server is dead.
		KUBERNETES_SERVICE_HOST: "127.0.0.1",
		KUBERNETES_SERVICE_PORT: `${apiPort}`,
		vip_arp: "true",
		vip_interface: nodeInterface,
		vip_subnet: "32",
		address,
		port: `${apiPort}`,
		cp_enable: "true",
		cp_namespace: namespace,
		svc_enable: "false",
		vip_leaderelection: "true",
		vip_leasename: "plndr-cp-lock",
		vip_leaseduration: `${lease.leaseDuration}`,
		vip_renewdeadline: `${lease.renewDeadline}`,
		vip_retryperiod: `${lease.retryPeriod}`,
		// kube-vip is in the host's network, and its default is every address of the server.
		prometheus_server: "127.0.0.1:2112",
	}).map(([name, value]) => ({ name, value }));
}
