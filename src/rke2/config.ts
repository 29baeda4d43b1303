/** config.yaml of each node: RKE2's own configuration. It holds no secret, and is known at preview. */
import { apiHost } from "../config/derived/endpoints.ts";
import { nodeTaints } from "../config/derived/node-taints.ts";
import type { NodeConfig, StackConfig } from "../config/schema/stack.ts";
import { registrationPort } from "../facts/network.ts";
import type { Rke2Role } from "./keys.ts";
import { paths } from "./paths.ts";
import { type ConfigValue, renderConfig } from "./render-config.ts";
import { rke2Role } from "./role.ts";
import { snapshotStoreSecret } from "./snapshot-store.ts";

/** Ciphers with forward secrecy and authenticated encryption (CIS Kubernetes 4.2.12). */
const kubeletCiphers = [
	"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
	"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
	"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
	"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
	"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
	"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
];

type ConfigOfCluster = Pick<StackConfig, "access" | "cluster">;

/**
 * Text of a node's config.yaml.
 *
 * @param name name of the node, a key of `stack.nodes`
 */
export function nodeConfig(stack: ConfigOfCluster, name: string, node: NodeConfig): string {
	const role = rke2Role(node);
	return renderConfig(role, {
		...everyNode(stack.cluster, role, name, node),
		...(role === "server" ? server(stack) : {}),
	});
}

function everyNode(
	cluster: StackConfig["cluster"],
	role: Rke2Role,
	name: string,
	node: NodeConfig,
): Record<string, ConfigValue> {
	const taints = nodeTaints(node);
	return {
		profile: "cis",
		// A server with a datastore ignores it, so that no server depends on another one to start. seed.sh leaves it out
		// for the first start of the first server.
		server: `https://${apiHost(cluster)}:${registrationPort}`,
		"token-file": role === "server" ? paths.token : paths.agentToken,
		"node-name": name,
		"node-ip": node.address,
		"resolv-conf": paths.resolver,
		"kubelet-arg": [
			// A fork bomb stays in its pod. CIS Kubernetes 4.2.13 asks for a limit and names none; this is OpenShift's default.
			"pod-max-pids=4096",
			"seccomp-default=true",
			"streaming-connection-idle-timeout=5m",
			`tls-cipher-suites=${kubeletCiphers.join(",")}`,
		],
		...(taints.length > 0 ? { "node-taint": taints } : {}),
	};
}

function server({ access, cluster }: ConfigOfCluster): Record<string, ConfigValue> {
	return {
		// Without it workers would register with the server token, which gives a node the cluster's keys.
		"agent-token-file": paths.agentToken,
		"tls-san": [...new Set([apiHost(cluster), cluster.api.hostname])],
		"cluster-cidr": cluster.podCidr,
		"service-cidr": cluster.serviceCidr,
		cni: "canal",
		// Otherwise RKE2 installs ingress-nginx up to 1.35, and from 1.36 on a Traefik at ports 80 and 443 of every node.
		"ingress-controller": "none",
		"write-kubeconfig-mode": "0600",
		"secrets-encryption-provider": "secretbox",
		"audit-policy-file": paths.auditPolicy,
		"pod-security-admission-config-file": paths.admission,
		// CIS 1.2.3 and 1.2.9. RKE2 itself sets NodeRestriction; it is here so that no merge of the two lists loses it.
		"kube-apiserver-arg": [
			"enable-admission-plugins=NodeRestriction,DenyServiceExternalIPs,EventRateLimit",
			// RKE2 mounts a file that an argument names into the API server's pod.
			...(access.oidc ? [`authentication-config=${paths.authentication}`] : []),
		],
		"etcd-snapshot-schedule-cron": cluster.etcdSnapshots.schedule,
		"etcd-snapshot-retention": cluster.etcdSnapshots.retention,
		// Any further etcd-s3 key here would make RKE2 ignore the Secret.
		...(cluster.etcdSnapshots.s3 ? { "etcd-s3": true, "etcd-s3-config-secret": snapshotStoreSecret } : {}),
		...(cluster.registries.systemDefault ? { "system-default-registry": cluster.registries.systemDefault } : {}),
		...(cluster.etcdMetrics ? { "etcd-expose-metrics": true } : {}),
	};
}
