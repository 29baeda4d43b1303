/** Constants and defaults from upstream, each with its source. */

import type { StackConfig } from "../../src/config/schema/stack.ts";
import { chartRepositories, metricsNodePorts } from "../../src/facts/add-ons.ts";
import { firstWithEtcd36, lastWithEtcd35, safeEtcd35 } from "../../src/facts/etcd-releases.ts";
import { cisKernelSettings, kubernetesKernelSettings } from "../../src/facts/kernel-settings.ts";
import { apiPort, registrationPort } from "../../src/facts/network.ts";
import { features, rke2Minors } from "../../src/facts/rke2-releases.ts";
import { snapshotStoreSecretType } from "../../src/rke2/snapshot-store.ts";
import type { Pin, Question } from "./pin.ts";

type CertManager = NonNullable<StackConfig["platform"]["certManager"]>;

const clusterSchema = "src/config/schema/cluster.ts";
const serverKeys = "https://docs.rke2.io/reference/server_config";
const serverKeysText = raw("rancher/rke2-docs", "docs/reference/server_config.md");
const requirements = "https://docs.rke2.io/install/requirements#inbound-network-rules";
const requirementsText = raw("rancher/rke2-docs", "docs/install/requirements.md");

/** @param stack with its defaults; a value of the stack file itself is compared with upstream in place of the default */
export function constants({ cluster, platform }: StackConfig): Pin[] {
	const { leaseDuration, renewDeadline, retryPeriod } = cluster.api.kubeVip;
	return [
		{
			name: "lease of kube-vip: leaseDuration, renewDeadline, retryPeriod",
			value: [leaseDuration, renewDeadline, retryPeriod].join(", "),
			place: clusterSchema,
			source: "https://github.com/kube-vip/kube-vip/blob/main/cmd/kube-vip.go (kube-vip#1429)",
			question: text(
				raw("kube-vip/kube-vip", "cmd/kube-vip.go"),
				'"leaseDuration", (\\d+)',
				'"leaseRenewDuration", (\\d+)',
				'"leaseRetry", (\\d+)',
			),
		},
		{
			name: "share of the retry period by which an attempt may come later",
			value: "1.2",
			place: "src/config/checks/api.ts",
			source: "https://pkg.go.dev/k8s.io/client-go/tools/leaderelection#pkg-constants",
			question: text(
				raw("kubernetes/client-go", "tools/leaderelection/leaderelection.go", "master"),
				"JitterFactor = ([\\d.]+)",
			),
		},
		{
			name: "pod and service network",
			value: `${cluster.podCidr}, ${cluster.serviceCidr}`,
			place: clusterSchema,
			source: serverKeys,
			question: text(serverKeysText, "^\\| cluster-cidr \\|[^|]*\\| (\\S+)", "^\\| service-cidr \\|[^|]*\\| (\\S+)"),
		},
		{
			name: "ports of the API and of registration",
			value: `${apiPort}, ${registrationPort}`,
			place: "src/facts/network.ts",
			source: requirements,
			question: text(requirementsText, "^\\| (\\d+) .*Kubernetes API", "^\\| (\\d+) .*RKE2 supervisor API"),
		},
		{
			name: "MTU of pods: that of the nodes less 50 bytes of VXLAN, with WireGuard less 80",
			value: `${cluster.canal.mtu}`,
			place: clusterSchema,
			source: "https://docs.tigera.io/calico/latest/networking/configuring/mtu#determine-mtu-size",
		},
		{
			name: "number of the virtual router",
			value: `${cluster.api.virtualRouterId}`,
			place: clusterSchema,
			source: "https://www.keepalived.org/manpage.html, virtual_router_id, whose example has it",
		},
		{
			name: "processes of a pod at the most",
			value: "4096",
			place: "src/rke2/config.ts",
			source:
				"https://docs.openshift.com/container-platform/latest/rest_api/machine_apis/kubeletconfig-machineconfiguration-openshift-io-v1.html (podPidsLimit)",
		},
		{
			name: "ciphers of the kubelet",
			value: "ECDHE with AES-GCM or ChaCha20-Poly1305",
			place: "src/rke2/config.ts",
			source: "https://www.cisecurity.org/benchmark/kubernetes, on the ciphers of the kubelet",
		},
		{
			name: "kernel settings that Kubernetes needs",
			value: Object.values(kubernetesKernelSettings).join(", "),
			place: "src/facts/kernel-settings.ts",
			source: "https://docs.rke2.io/install/requirements",
		},
		{
			name: "NodePorts of metrics, in the part that Kubernetes gives out by request only",
			value: metricsNodePorts.join(", "),
			place: "src/facts/add-ons.ts",
			source: "https://kubernetes.io/docs/concepts/services-networking/service/#avoid-nodeport-collisions",
		},
		{
			name: "kernel settings of the CIS profile",
			value: Object.values(cisKernelSettings).join(", "),
			place: "src/facts/kernel-settings.ts",
			source: "https://docs.rke2.io/security/hardening_guide",
			question: text(
				raw("rancher/rke2", "bundle/share/rke2/rke2-cis-sysctl.conf", "master"),
				...Object.keys(cisKernelSettings).map((name) => `^${name.replaceAll(".", "\\.")}=(\\S+)$`),
			),
		},
		{
			name: "minors of RKE2 that the keys of config.yaml were read for",
			value: `1.${rke2Minors.newest}`,
			place: "src/facts/rke2-releases.ts",
			source: "https://update.rke2.io/v1-release/channels",
			question: { by: "channel", channel: "latest", part: "minor" } as const,
		},
		{
			name: "type of the Secret with the snapshot store",
			value: snapshotStoreSecretType,
			place: "src/rke2/snapshot-store.ts",
			source: "https://docs.rke2.io/datastore/backup_restore#s3-configuration-secret-support",
			question: text(raw("rancher/rke2-docs", "docs/datastore/backup_restore.md"), "^type: (etcd\\.\\S+)$"),
		},
		...features.map(({ key, since, source }) => ({
			name: `first releases with ${key}`,
			value: Object.entries(since)
				.map(([minor, patch]) => `1.${minor}.${patch}`)
				.join(", "),
			place: "src/facts/rke2-releases.ts",
			source,
		})),
		{
			name: "where RKE2's releases are",
			value: cluster.artifacts.url,
			place: clusterSchema,
			source: "https://docs.rke2.io/install/airgap#tarball-method",
		},
		{
			name: "region of the snapshot store",
			value: "us-east-1",
			place: clusterSchema,
			source: serverKeys,
			question: text(serverKeysText, "^\\| etcd-s3-region \\|[^|]*\\| (\\S+)"),
		},
		...(platform.certManager ? acme(platform.certManager) : []),
		...Object.entries(chartRepositories).map(([chart, value]) => ({
			name: `repository of the chart ${chart}`,
			value,
			place: "src/facts/add-ons.ts",
			source: `https://artifacthub.io/packages/search?ts_query_web=${chart}&official=true`,
		})),
		{
			name: "socket of containerd for NVIDIA's toolkit",
			value: "/run/k3s/containerd/containerd.sock",
			place: "components/platform/gpu-operator/values.ts",
			source: "https://docs.rke2.io/add-ons/gpu_operators",
			question: text(
				raw("rancher/rke2-docs", "docs/add-ons/gpu_operators.md"),
				"(/run/k3s/containerd/containerd\\.sock)",
			),
		},
		...etcdOfReleases(),
	].map(({ place, ...pin }) => ({ kind: "constant", places: [place], ...pin }));
}

/** Both the program and the script of a node refuse unsafe ways between etcd 3.5 and 3.6. */
function etcdOfReleases() {
	const source = "https://docs.rke2.io/release-notes/v1.33.X";
	const values = [
		{ name: "last release of RKE2 with etcd 3.5", value: lastWithEtcd35 },
		{ name: "first release of RKE2 1.33 with etcd 3.6", value: firstWithEtcd36 },
		{ name: "first etcd that upgrades to 3.6 safely", value: safeEtcd35 },
	];
	return values.flatMap((pin) =>
		["src/facts/etcd-releases.ts", "src/rke2/scripts/unsupported.sh"].map((place) => ({ ...pin, place, source })),
	);
}

function acme({ acmeServer, stagingAcmeServer, recursiveNameservers }: CertManager) {
	const place = "src/config/schema/cert-manager.ts";
	return [
		...[acmeServer, stagingAcmeServer].map((value) => ({
			name: "ACME directory",
			value,
			place,
			source: "https://letsencrypt.org/docs/staging-environment/",
		})),
		{
			name: "resolvers that decide whether a challenge is visible",
			value: recursiveNameservers.join(", "),
			place,
			source: "https://cert-manager.io/docs/configuration/acme/dns01/#setting-nameservers-for-dns01-self-check",
		},
	];
}

function text(url: string, ...patterns: string[]): Question {
	return { by: "text", url, patterns };
}

function raw(repository: string, path: string, branch = "main"): string {
	return `https://raw.githubusercontent.com/${repository}/${branch}/${path}`;
}
