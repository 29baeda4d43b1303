/** Mutations of what RKE2 is told. */
import { paths } from "../../src/rke2/paths.ts";
import { snapshotStoreSecret, snapshotStoreSecretType } from "../../src/rke2/snapshot-store.ts";
import { addToConfig, declare, edit, editFiles, everyNode, type Mutation, remove, servers } from "./change.ts";

const command = "command:remote:Command";

function argument(policy: string, key: string, value: string): Mutation {
	const nodes = key === "kubelet-arg" || key === "kube-proxy-arg" ? everyNode : servers;
	const apply =
		key === "kubelet-arg" || key === "kube-apiserver-arg"
			? editFiles(nodes, `| ${key}:\n`, `| ${key}:\n|   - ${value}\n`)
			: addToConfig(nodes, `${key}: [${value}]`);
	return { policy, change: `${key}: ${value}`, apply };
}

export const rke2Mutations: readonly Mutation[] = [
	{
		policy: "rke2-pinned-release",
		change: "a node converges on a channel",
		apply: edit(command, "proj-k8sw01-converge", (props) => ({
			...props,
			create: String(props.create).replace(/v\d\S+\+rke2r\d+/, "stable"),
		})),
	},
	{
		policy: "rke2-config-on-every-node",
		change: "a worker without a configuration",
		apply: remove(command, "proj-k8sw01-converge"),
	},
	{
		policy: "rke2-node-commands",
		change: "another text for updates",
		apply: edit(command, "proj-k8sw01-prepare", (props) => ({
			...props,
			update: "curl -sfL https://get.rke2.io | sh",
		})),
	},
	{
		policy: "rke2-node-commands",
		change: "a file that is copied to a node",
		apply: declare("command:remote:CopyToRemote", "proj-k8sm01-drop-in", {
			connection: { host: "10.25.20.4" },
			source: { path: "anonymous.yaml" },
			remotePath: "/etc/rancher/rke2/config.yaml.d/99.yaml",
		}),
	},
	{
		policy: "rke2-node-commands",
		change: "the environment of RKE2's unit",
		apply: editFiles(servers, /(file \/etc\/default\/rke2-server .*\n)/, "$1| RKE2_CONFIG_FILE=/etc/other.yaml\n"),
	},
	{
		policy: "rke2-known-keys",
		change: "RKE2's data in another place",
		apply: addToConfig(everyNode, "data-dir: /data/rke2"),
	},
	{
		policy: "rke2-known-keys",
		change: "a mistyped key",
		apply: addToConfig(everyNode, "node-lable: [zone=a]"),
	},
	{
		policy: "rke2-equal-critical-values",
		change: "another service network on one server",
		apply: editFiles(/^proj-k8sm02/, "service-cidr: 10.43.0.0/16", "service-cidr: 10.44.0.0/16"),
	},
	{
		policy: "rke2-odd-servers",
		change: "one control plane less",
		apply: remove("proxmoxve:index/vmLegacy:VmLegacy", "proj-k8sm03"),
	},
	{
		policy: "rke2-profile-cis",
		change: "no profile",
		apply: editFiles(everyNode, "| profile: cis\n", ""),
	},
	{
		policy: "rke2-kernel-defaults",
		change: "protect-kernel-defaults: false",
		apply: addToConfig(everyNode, "protect-kernel-defaults: false"),
	},
	{
		policy: "rke2-kubeconfig-mode",
		change: "a kubeconfig that everybody reads",
		apply: editFiles(servers, /write-kubeconfig-mode: .*/, 'write-kubeconfig-mode: "0644"'),
	},
	{
		policy: "rke2-api-certificate",
		change: "the virtual address missing from the certificate",
		apply: editFiles(servers, "|   - 10.25.20.29\n", ""),
	},
	argument("rke2-api-server-arguments", "kube-apiserver-arg", "anonymous-auth=true"),
	argument("rke2-admission-plugins", "kube-apiserver-arg", "disable-admission-plugins=NodeRestriction"),
	{
		policy: "rke2-always-pull-images",
		change: "servers without AlwaysPullImages",
		repaired: editFiles(servers, ",EventRateLimit", ",EventRateLimit,AlwaysPullImages"),
		apply: editFiles(servers, ",AlwaysPullImages", ""),
		withoutExceptions: true,
	},
	{
		policy: "rke2-offsite-snapshots",
		change: "cluster.etcdSnapshots.s3.insecure: true",
		apply: (resources) =>
			declare("kubernetes:core/v1:Secret", snapshotStoreSecret, {
				metadata: { name: snapshotStoreSecret, namespace: "kube-system" },
				type: snapshotStoreSecretType,
				stringData: { "etcd-s3-insecure": "true" },
			})(addToConfig(servers, "etcd-s3: true", `etcd-s3-config-secret: ${snapshotStoreSecret}`)(resources)),
	},
	{
		policy: "rke2-offsite-snapshots",
		change: "snapshots on the servers only",
		repaired: addToConfig(servers, "etcd-s3: true", `etcd-s3-config-secret: ${snapshotStoreSecret}`),
		apply: editFiles(servers, "etcd-s3: true", "etcd-s3: false"),
		withoutExceptions: true,
	},
	{
		policy: "rke2-pod-security-admission",
		change: "baseline where a namespace says nothing",
		apply: editFiles(servers, "enforce: restricted", "enforce: baseline"),
	},
	{
		policy: "rke2-audit-policy",
		change: "secrets recorded with their content",
		apply: editFiles(servers, "level: Metadata", "level: Request"),
	},
	{
		policy: "rke2-anonymous-access",
		change: "an authentication configuration that lets anybody in",
		apply: editFiles(
			servers,
			/^file /m,
			[
				`file ${paths.authentication} 0600 root:root`,
				"| kind: AuthenticationConfiguration",
				"| anonymous: { enabled: true }",
				"file ",
			].join("\n"),
		),
	},
	{
		policy: "rke2-secrets-encryption",
		change: "the provider left to the default",
		apply: editFiles(servers, /\| secrets-encryption-provider: .*\n/, ""),
	},
	argument("rke2-controller-manager-arguments", "kube-controller-manager-arg", "bind-address=0.0.0.0"),
	argument("rke2-scheduler-arguments", "kube-scheduler-arg", "profiling=true"),
	{
		policy: "rke2-embedded-etcd",
		change: "a datastore elsewhere",
		apply: addToConfig(servers, "datastore-endpoint: postgres://10.25.20.14/k8s"),
	},
	argument("rke2-etcd-arguments", "etcd-arg", "client-cert-auth=false"),
	{
		policy: "rke2-etcd-snapshots",
		change: "no snapshots",
		apply: addToConfig(servers, "etcd-disable-snapshots: true"),
	},
	argument("rke2-kubelet-arguments", "kubelet-arg", "read-only-port=10255"),
	{
		policy: "rke2-kubelet-hardening",
		change: "no limit of processes",
		apply: editFiles(everyNode, "|   - pod-max-pids=4096\n", ""),
	},
	argument("rke2-kube-proxy-arguments", "kube-proxy-arg", "metrics-bind-address=0.0.0.0:10249"),
	{
		policy: "rke2-cni",
		change: "cni: flannel",
		apply: editFiles(servers, "| cni: canal\n", "| cni: flannel\n"),
	},
	{
		policy: "rke2-no-inline-secret",
		change: "a token in config.yaml",
		apply: addToConfig(everyNode, "token: 0123456789abcdef"),
	},
	{
		policy: "rke2-ingress-controller",
		change: "the bundled ingress controller",
		apply: editFiles(servers, "ingress-controller: none", "ingress-controller: traefik"),
	},
];
