/**
 * Which keys RKE2 accepts in config.yaml, by role. RKE2 only warns about an unknown key and starts without its effect, so that
 * a mistyped `profile` would silently switch the hardening off.
 *
 * From the command definitions of the minors in src/facts/rke2-releases.ts (rancher/rke2,
 * pkg/cli/cmds/{server,agent,root}.go). Left out on purpose: hidden flags, and flags of K3s that RKE2 drops, such as
 * `flannel-backend` or `cluster-init`.
 */

/** RKE2's two commands. */
export type Rke2Role = "server" | "agent";

const k3sServerKeys = names(`
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

const rke2ServerKeys = names("cni enable-servicelb ingress-controller");

const k3sAgentKeys = names(`
	airgap-extra-registry bind-address config container-runtime-endpoint data-dir debug default-runtime
	disable-default-registry-endpoint enable-pprof image-credential-provider-bin-dir
	image-credential-provider-config kube-proxy-arg kubelet-arg lb-server-port node-external-dns node-external-ip
	node-internal-dns node-ip node-label node-name node-taint nonroot-devices private-registry
	protect-kernel-defaults resolv-conf selinux server snapshotter token token-file with-node-id
`);

const commonKeys = names(`
	audit-policy-file cloud-controller-manager-extra-env cloud-controller-manager-extra-mount
	cloud-controller-manager-image cloud-provider-config cloud-provider-name control-plane-probe-configuration
	control-plane-resource-limits control-plane-resource-requests etcd-extra-env etcd-extra-mount etcd-image
	kube-apiserver-extra-env kube-apiserver-extra-mount kube-apiserver-image kube-controller-manager-extra-env
	kube-controller-manager-extra-mount kube-controller-manager-image kube-proxy-extra-env kube-proxy-extra-mount
	kube-proxy-image kube-scheduler-extra-env kube-scheduler-extra-mount kube-scheduler-image kubelet-path
	node-name-from-cloud-provider-metadata pause-image pod-security-admission-config-file profile runtime-image
`);

/** The closed list of keys, by role. */
export const configKeys: Readonly<Record<Rke2Role, ReadonlySet<string>>> = {
	server: new Set([...k3sServerKeys, ...rke2ServerKeys, ...commonKeys]),
	agent: new Set([...k3sAgentKeys, ...commonKeys]),
};

function names(text: string): string[] {
	return text.trim().split(/\s+/);
}
