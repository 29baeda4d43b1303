/** The cluster in one screen: configuration, machines, cluster, platform, outputs. */
import "./sdk/lean-sdk.cjs";
import { Provider as Proxmox } from "@muhlba91/pulumi-proxmoxve/provider.js";
import { Provider as Kubernetes } from "@pulumi/kubernetes/provider.js";
import { getProject, getStack } from "@pulumi/pulumi";
import { PrivateKey } from "@pulumi/tls/privateKey.js";
import { acceptKey } from "../components/cluster/accepted-key.ts";
import { Access } from "../components/cluster/access.ts";
import { Rke2Cluster } from "../components/cluster/cluster.ts";
import { Placements } from "../components/cluster/placement.ts";
import { pendingRestore, recordedOutputs } from "../components/cluster/recorded-outputs.ts";
import { ClusterSettings } from "../components/cluster/settings.ts";
import { Platform } from "../components/platform/platform.ts";
import { Machines } from "../components/proxmox/machines.ts";
import { loadStack } from "./config/read/load.ts";
import { nodeTable, versionTable } from "./outputs.ts";
import { deriveAgentToken } from "./rke2/agent-token.ts";
import { checkWorkstation } from "./workstation/check-workstation.ts";

const { stack, secrets } = loadStack();
checkWorkstation(stack);

// Before any other resource: with a state in files, Pulumi reads the state that it writes again after each resource.
const recorded = await recordedOutputs();
const restore = pendingRestore(stack.cluster.restore, recorded.restored);

const sshKey = new PrivateKey("ssh", { algorithm: "ED25519" });

const snapshotStoreCredentials = { accessKey: secrets.etcdS3AccessKey, secretKey: secrets.etcdS3SecretKey };

const proxmox = new Proxmox("proxmox", {
	endpoint: stack.proxmox.endpoint,
	apiToken: secrets.proxmoxApiToken,
});

const placements = new Placements({ stack, kubeconfig: recorded.kubeconfig, restore });
const acceptedKey = acceptKey(stack.cluster.secretsEncryptionKey, recorded.kubeconfig);

const machines = new Machines(
	"machines",
	{
		stack,
		provider: proxmox,
		sshPublicKey: sshKey.publicKeyOpenssh,
		vacate: (prepared) => placements.vacate(prepared),
	},
	{ dependsOn: [placements.accepted, acceptedKey] },
);

const cluster = new Rke2Cluster("cluster", {
	stack,
	machines: machines.byNode,
	sshPrivateKey: sshKey.privateKeyOpenssh,
	bastionKey: secrets.bastionKey,
	proxmoxApiToken: secrets.proxmoxApiToken,
	clusterToken: secrets.clusterToken,
	agentToken: secrets.agentToken ?? secrets.clusterToken.apply(deriveAgentToken),
	snapshotStoreCredentials,
	registryCredentials: secrets.registryCredentials,
	recordedKubeconfig: recorded.kubeconfig,
	recordedSnapshots: recorded.vmSnapshots,
	restoring: restore !== undefined,
});

const kubernetes = new Kubernetes(
	"kubernetes",
	{
		kubeconfig: cluster.kubeconfig,
		// Without a constant identity a kubeconfig that changes or becomes unknown replaces every object in the cluster. The
		// stack has one cluster for all time, but the cluster's name may change.
		clusterIdentifier: `${getProject()}/${getStack()}`,
	},
	{ dependsOn: cluster.ready },
);

new ClusterSettings("cluster-settings", {
	stack,
	machines: machines.byNode,
	snapshotStoreCredentials,
	provider: kubernetes,
	cluster,
});

const platform = new Platform("platform", {
	stack,
	provider: kubernetes,
	kubeconfig: cluster.kubeconfig,
	servers: cluster.servers,
	issuerSecrets: secrets,
	cluster,
});

// After the platform, which creates the namespaces of some of the rights.
new Access("access", { access: stack.access, provider: kubernetes, cluster }, { dependsOn: platform });

/** Administrator's kubeconfig, with the address of the API and never that of one node. */
export const kubeconfig = cluster.kubeconfig;
/** `https://<address or name of the API>:6443` */
export const apiEndpoint = cluster.apiEndpoint;
/** The value of `cluster.restore`, once its restore is done. */
export const restored = cluster.restored;
/** By node, the snapshots of its VM that the program has taken, the newest first; with `proxmox.snapshotsBeforeChange` only. */
export const vmSnapshots = cluster.vmSnapshots;
export const nodes = nodeTable(stack);
export const versions = versionTable(stack);
