/** A machine's role in the cluster, and the command that starts it. */
export type Role = "server" | "agent";

/** A command that reads config.yaml. */
export type Command = Role | "etcd-snapshot";

export type FlagKind = "string" | "boolean" | "list";

// The keys of the RKE2 1.35 command definitions (pkg/cli/cmds/{server,agent,root}.go). This list does not come from the
// Pulumi program: otherwise a key that the program has by mistake would not be found.
const names = (text: string) => text.trim().split(/\s+/);

const k3sServer = names(`
	advertise-address agent-token agent-token-file airgap-extra-registry bind-address cluster-cidr cluster-dns
	cluster-domain cluster-reset cluster-reset-restore-path config container-runtime-endpoint data-dir
	datastore-cafile datastore-certfile datastore-endpoint datastore-keyfile debug default-runtime disable
	disable-apiserver disable-cloud-controller disable-controller-manager disable-default-registry-endpoint
	disable-etcd disable-kube-proxy disable-scheduler egress-selector-mode embedded-registry enable-pprof etcd-arg
	etcd-disable-snapshots etcd-expose-metrics etcd-s3 etcd-s3-access-key etcd-s3-bucket etcd-s3-bucket-lookup-type
	etcd-s3-config-secret etcd-s3-endpoint etcd-s3-endpoint-ca etcd-s3-folder etcd-s3-insecure etcd-s3-proxy
	etcd-s3-region etcd-s3-retention etcd-s3-secret-key etcd-s3-session-token etcd-s3-skip-ssl-verify
	etcd-s3-timeout etcd-snapshot-compress etcd-snapshot-dir etcd-snapshot-name etcd-snapshot-reconcile-interval
	etcd-snapshot-retention etcd-snapshot-schedule-cron helm-controller-arg helm-job-image
	image-credential-provider-bin-dir image-credential-provider-config kube-apiserver-arg
	kube-cloud-controller-manager-arg kube-controller-manager-arg kube-proxy-arg kube-scheduler-arg kubelet-arg
	lb-server-port node-external-dns node-external-ip node-internal-dns node-ip node-label node-name node-taint
	nonroot-devices private-registry protect-kernel-defaults resolv-conf secrets-encryption-provider selinux server
	service-cidr service-node-port-range servicelb-namespace snapshotter supervisor-metrics system-default-registry
	tls-san tls-san-security token token-file with-node-id write-kubeconfig write-kubeconfig-group
	write-kubeconfig-mode
`);

const rke2Server = names("cni ingress-controller enable-servicelb prime");

const rke2Common = names(`
	audit-policy-file cloud-controller-manager-extra-env cloud-controller-manager-extra-mount
	cloud-controller-manager-image cloud-provider-config cloud-provider-name control-plane-probe-configuration
	control-plane-resource-limits control-plane-resource-requests etcd-extra-env etcd-extra-mount etcd-image
	kube-apiserver-extra-env kube-apiserver-extra-mount kube-apiserver-image kube-controller-manager-extra-env
	kube-controller-manager-extra-mount kube-controller-manager-image kube-proxy-extra-env kube-proxy-extra-mount
	kube-proxy-image kube-scheduler-extra-env kube-scheduler-extra-mount kube-scheduler-image kubelet-path
	node-name-from-cloud-provider-metadata pause-image pod-security-admission-config-file profile runtime-image
`);

const k3sAgent = names(`
	airgap-extra-registry bind-address config container-runtime-endpoint data-dir debug default-runtime
	disable-default-registry-endpoint enable-pprof image-credential-provider-bin-dir
	image-credential-provider-config kube-proxy-arg kubelet-arg lb-server-port node-external-dns node-external-ip
	node-internal-dns node-ip node-label node-name node-taint nonroot-devices private-registry
	protect-kernel-defaults resolv-conf selinux server snapshotter token token-file with-node-id
`);

// The names of config.yaml. RKE2 refuses a flag that has both of its names.
const etcdSnapshot = names(`
	alsologtostderr config data-dir debug etcd-s3 etcd-s3-access-key etcd-s3-bucket etcd-s3-bucket-lookup-type
	etcd-s3-config-secret etcd-s3-endpoint etcd-s3-endpoint-ca etcd-s3-folder etcd-s3-insecure etcd-s3-proxy
	etcd-s3-region etcd-s3-retention etcd-s3-secret-key etcd-s3-session-token etcd-s3-skip-ssl-verify
	etcd-s3-timeout etcd-server etcd-snapshot-compress etcd-snapshot-dir etcd-snapshot-retention etcd-token log
	name node-name
`);

const keysByCommand: Record<Command, string[]> = {
	server: [
		...k3sServer,
		...rke2Server,
		...rke2Common,
		...names("alsologtostderr disable-agent log secrets-encryption v vmodule"),
	],
	agent: [...k3sAgent, ...rke2Common, ...names("alsologtostderr log v vmodule")],
	"etcd-snapshot": etcdSnapshot,
};

const booleanKeys = new Set(
	names(`
	alsologtostderr cluster-reset debug disable-agent disable-apiserver disable-cloud-controller
	disable-controller-manager disable-default-registry-endpoint disable-etcd disable-kube-proxy disable-scheduler
	embedded-registry enable-pprof enable-servicelb etcd-disable-snapshots etcd-expose-metrics etcd-s3
	etcd-s3-insecure etcd-s3-skip-ssl-verify etcd-snapshot-compress node-name-from-cloud-provider-metadata
	nonroot-devices prime protect-kernel-defaults secrets-encryption selinux supervisor-metrics tls-san-security
	with-node-id
`),
);

const listKeys = new Set(
	names(`
	airgap-extra-registry cloud-controller-manager-extra-env cloud-controller-manager-extra-mount cluster-cidr
	cluster-dns cni disable etcd-arg etcd-extra-env etcd-extra-mount helm-controller-arg kube-apiserver-arg
	kube-apiserver-extra-env kube-apiserver-extra-mount kube-cloud-controller-manager-arg
	kube-controller-manager-arg kube-controller-manager-extra-env kube-controller-manager-extra-mount kube-proxy-arg
	kube-proxy-extra-env kube-proxy-extra-mount kube-scheduler-arg kube-scheduler-extra-env
	kube-scheduler-extra-mount kubelet-arg node-external-dns node-external-ip node-internal-dns node-ip node-label
	node-taint service-cidr tls-san
`),
);

/** Every key that a command accepts, including hidden ones, and the kind of its value. */
export function knownFlags(command: Command): Map<string, FlagKind> {
	const kindOf = (name: string): FlagKind =>
		booleanKeys.has(name) ? "boolean" : listKeys.has(name) ? "list" : "string";
	return new Map(keysByCommand[command].map((name) => [name, kindOf(name)]));
}
