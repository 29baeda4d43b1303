import { readFileSync } from "node:fs";
import { hostname, networkInterfaces } from "node:os";
import { FatalError, messageOf } from "../process/log.ts";
import type { FlagValues } from "./flag-values.ts";
import type { Role } from "./flags.ts";

/** Settings of both roles. */
export interface NodeSettings {
	role: Role;
	/** `https://<address>:9345` of a server to join; absent on the first server. */
	serverUrl?: string;
	token?: string;
	nodeName: string;
	nodeIp: string;
	/** `key=value` */
	labels: string[];
	/** `key=value:Effect` */
	taints: string[];
	profile?: string;
	protectKernelDefaults?: boolean;
	/** File that the kubelet reads instead of the node's resolv.conf. */
	resolvConf?: string;
}

export interface ServerSettings extends NodeSettings {
	role: "server";
	agentToken?: string;
	bindAddress: string;
	advertiseAddress: string;
	tlsSans: string[];
	cni: string;
	disabled: string[];
	critical: CriticalSettings;
	serviceNodePortRange: string;
	encryptionProvider: "aescbc" | "secretbox";
	auditPolicyFile?: string;
	podSecurityFile?: string;
	kubeconfigFile?: string;
	kubeconfigMode: number;
	snapshotDirectory?: string;
	etcdMetricsExposed: boolean;
	extraArguments: {
		apiserver: string[];
		controllerManager: string[];
		scheduler: string[];
		etcd: string[];
	};
}

/**
 * Values that must be equal on all servers (RKE2 docs, reference/server_config): a joining server with other values is
 * refused. The agent token must be equal too. It needs no comparison, because a joining server needs it to read these values.
 */
export interface CriticalSettings {
	clusterCidr: string;
	serviceCidr: string;
	clusterDns: string;
	clusterDomain: string;
	disableCloudController: boolean;
	disableKubeProxy: boolean;
	egressSelectorMode: string;
}

const cniPlugins = ["none", "calico", "canal", "cilium", "flannel"];
const ingressControllers = ["none", "ingress-nginx", "traefik"];
const encryptionProviders = ["aescbc", "secretbox"] as const;

export function nodeSettings(role: Role, flags: FlagValues): NodeSettings {
	const nodeIp = flags.list("node-ip", "split")[0] ?? firstAddress();
	return {
		role,
		serverUrl: flags.text("server"),
		token: secretOf(flags, "token"),
		nodeName: (flags.text("node-name") ?? hostname()).toLowerCase(),
		nodeIp,
		labels: flags.list("node-label"),
		taints: flags.list("node-taint"),
		profile: flags.text("profile"),
		protectKernelDefaults: flags.boolean("protect-kernel-defaults"),
		resolvConf: flags.text("resolv-conf"),
	};
}

export function serverSettings(flags: FlagValues): ServerSettings {
	const node = nodeSettings("server", flags);
	const cni = oneOf("cni", flags.list("cni", "split").at(-1) ?? "canal", cniPlugins);
	oneOf("ingress-controller", flags.text("ingress-controller") ?? "ingress-nginx", ingressControllers);
	const serviceCidr = flags.list("service-cidr", "split").join(",") || "10.43.0.0/16";
	return {
		...node,
		role: "server",
		agentToken: secretOf(flags, "agent-token"),
		bindAddress: flags.text("bind-address") ?? "0.0.0.0",
		advertiseAddress: flags.text("advertise-address") ?? node.nodeIp,
		tlsSans: flags.list("tls-san", "split"),
		cni,
		disabled: flags.list("disable", "split"),
		critical: {
			clusterCidr: flags.list("cluster-cidr", "split").join(",") || "10.42.0.0/16",
			serviceCidr,
			clusterDns: flags.list("cluster-dns", "split").join(",") || tenthAddress(serviceCidr),
			clusterDomain: flags.text("cluster-domain") ?? "cluster.local",
			disableCloudController: flags.boolean("disable-cloud-controller") ?? false,
			disableKubeProxy: flags.boolean("disable-kube-proxy") ?? false,
			egressSelectorMode: flags.text("egress-selector-mode") ?? "agent",
		},
		serviceNodePortRange: flags.text("service-node-port-range") ?? "30000-32767",
		encryptionProvider: oneOf(
			"secrets-encryption-provider",
			flags.text("secrets-encryption-provider") ?? "aescbc",
			encryptionProviders,
		),
		auditPolicyFile: flags.text("audit-policy-file"),
		podSecurityFile: flags.text("pod-security-admission-config-file"),
		kubeconfigFile: flags.text("write-kubeconfig"),
		kubeconfigMode: fileMode(flags.text("write-kubeconfig-mode")),
		snapshotDirectory: flags.text("etcd-snapshot-dir"),
		etcdMetricsExposed: flags.boolean("etcd-expose-metrics") ?? false,
		extraArguments: {
			apiserver: flags.list("kube-apiserver-arg"),
			controllerManager: flags.list("kube-controller-manager-arg"),
			scheduler: flags.list("kube-scheduler-arg"),
			etcd: flags.list("etcd-arg"),
		},
	};
}

function oneOf<T extends string>(key: string, value: string, allowed: readonly T[]): T {
	const found = allowed.find((candidate) => candidate === value);
	if (found === undefined) {
		throw new FatalError(`invalid value ${JSON.stringify(value)} for --${key}: one of ${allowed.join(", ")} is needed`);
	}
	return found;
}

/** `token` or the content of `token-file`. No message contains the value. */
function secretOf(flags: FlagValues, name: "token" | "agent-token"): string | undefined {
	const file = flags.text(`${name}-file`);
	if (file === undefined) {
		return flags.text(name);
	}
	try {
		return readFileSync(file, "utf8").trim() || undefined;
	} catch (error) {
		throw new FatalError(`failed to read --${name}-file: ${messageOf(error)}`);
	}
}

// RKE2 reads the text as an octal number, and uses 0600 for other text. An unquoted 0644 in YAML arrives here as "420".
function fileMode(text: string | undefined): number {
	return text !== undefined && /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : 0o600;
}

function firstAddress(): string {
	for (const addresses of Object.values(networkInterfaces())) {
		for (const address of addresses ?? []) {
			if (address.family === "IPv4" && !address.internal) {
				return address.address;
			}
		}
	}
	throw new FatalError("no node address: the machine has no IPv4 address but loopback; set node-ip");
}

/** RKE2's default address of the cluster DNS. */
function tenthAddress(cidr: string): string {
	return addressIn(cidr, 10);
}

/** The n-th address of an IPv4 network. The first is that of the Service `kubernetes`. */
export function addressIn(cidr: string, n: number): string {
	const base = (cidr.split("/")[0] ?? "").split(".").map(Number);
	return [...base.slice(0, 3), (base[3] ?? 0) + n].join(".");
}
