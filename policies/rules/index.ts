/** Every rule of the pack, in the order in which they are listed to people. */
import type { Rule } from "../lib/rules/rule.ts";
import { helmChartRepository } from "./helm/chart-repository.ts";
import { helmController } from "./helm/controller.ts";
import { helmExactVersion } from "./helm/exact-version.ts";
import { helmListedCharts } from "./helm/listed-charts.ts";
import { helmNamespace } from "./helm/namespace.ts";
import { helmNoCreatedNamespace } from "./helm/no-created-namespace.ts";
import { kubernetesApiExtensions } from "./kubernetes/api-extensions.ts";
import { kubernetesCapabilities } from "./kubernetes/capabilities.ts";
import { kubernetesClusterAdmin } from "./kubernetes/cluster-admin.ts";
import { kubernetesDefaultDeny } from "./kubernetes/default-deny.ts";
import { kubernetesDefaultNamespace } from "./kubernetes/default-namespace.ts";
import { kubernetesDefaultServiceAccount } from "./kubernetes/default-service-account.ts";
import { kubernetesEverybody } from "./kubernetes/everybody.ts";
import { kubernetesHostNamespaces } from "./kubernetes/host-namespaces.ts";
import { kubernetesHostPaths } from "./kubernetes/host-paths.ts";
import { kubernetesHostPorts } from "./kubernetes/host-ports.ts";
import { kubernetesImageTags } from "./kubernetes/image-tags.ts";
import { kubernetesLastingTokens } from "./kubernetes/lasting-tokens.ts";
import { kubernetesLoadBalancers } from "./kubernetes/load-balancers.ts";
import { kubernetesNodeCapabilities } from "./kubernetes/node-capabilities.ts";
import { kubernetesPodSecurity } from "./kubernetes/pod-security.ts";
import { kubernetesPolicyPeers } from "./kubernetes/policy-peers.ts";
import { kubernetesPrivilegeEscalation } from "./kubernetes/privilege-escalation.ts";
import { kubernetesPrivilegedContainers } from "./kubernetes/privileged-containers.ts";
import { kubernetesProtectedDestinations } from "./kubernetes/protected-destinations.ts";
import { kubernetesRbacEscalation } from "./kubernetes/rbac-escalation.ts";
import { kubernetesRbacPermissions } from "./kubernetes/rbac-permissions.ts";
import { kubernetesRbacWildcards } from "./kubernetes/rbac-wildcards.ts";
import { kubernetesResourceLimits } from "./kubernetes/resource-limits.ts";
import { kubernetesRootContainers } from "./kubernetes/root-containers.ts";
import { kubernetesSeccomp } from "./kubernetes/seccomp.ts";
import { kubernetesSecretsInEnvironment } from "./kubernetes/secrets-in-environment.ts";
import { kubernetesSecurityContext } from "./kubernetes/security-context.ts";
import { kubernetesServiceAccountTokens } from "./kubernetes/service-account-tokens.ts";
import { kubernetesServiceTypes } from "./kubernetes/service-types.ts";
import { kubernetesSystemMasters } from "./kubernetes/system-masters.ts";
import { kubernetesWindowsHostProcess } from "./kubernetes/windows-host-process.ts";
import { programCompleteStack } from "./program/complete-stack.ts";
import { programCredentialsInPlace } from "./program/credentials-in-place.ts";
import { programHostKeyEndpoint } from "./program/host-key-endpoint.ts";
import { programKnownResources } from "./program/known-resources.ts";
import { programKubeconfigServer } from "./program/kubeconfig-server.ts";
import { programOwnAddresses } from "./program/own-addresses.ts";
import { programPinnedHostKeys } from "./program/pinned-host-keys.ts";
import { rke2AdmissionPlugins } from "./rke2/admission-plugins.ts";
import { rke2AlwaysPullImages } from "./rke2/always-pull-images.ts";
import { rke2AnonymousAccess } from "./rke2/anonymous-access.ts";
import { rke2ApiCertificate } from "./rke2/api-certificate.ts";
import { rke2ApiServerArguments } from "./rke2/api-server-arguments.ts";
import { rke2AuditPolicy } from "./rke2/audit-policy.ts";
import { rke2Cni } from "./rke2/cni.ts";
import { rke2ConfigOnEveryNode } from "./rke2/config-on-every-node.ts";
import { rke2ControllerManagerArguments } from "./rke2/controller-manager-arguments.ts";
import { rke2EmbeddedEtcd } from "./rke2/embedded-etcd.ts";
import { rke2EqualCommands } from "./rke2/equal-commands.ts";
import { rke2EqualNodes } from "./rke2/equal-nodes.ts";
import { rke2EtcdArguments } from "./rke2/etcd-arguments.ts";
import { rke2EtcdSnapshots } from "./rke2/etcd-snapshots.ts";
import { rke2IngressController } from "./rke2/ingress-controller.ts";
import { rke2KernelDefaults } from "./rke2/kernel-defaults.ts";
import { rke2KnownKeys } from "./rke2/known-keys.ts";
import { rke2KubeProxyArguments } from "./rke2/kube-proxy-arguments.ts";
import { rke2KubeconfigMode } from "./rke2/kubeconfig-mode.ts";
import { rke2KubeletArguments } from "./rke2/kubelet-arguments.ts";
import { rke2KubeletHardening } from "./rke2/kubelet-hardening.ts";
import { rke2NoInlineSecret } from "./rke2/no-inline-secret.ts";
import { rke2NodeCommands } from "./rke2/node-commands.ts";
import { rke2OddServers } from "./rke2/odd-servers.ts";
import { rke2OffsiteSnapshots } from "./rke2/offsite-snapshots.ts";
import { rke2PinnedRelease } from "./rke2/pinned-release.ts";
import { rke2PodSecurityAdmission } from "./rke2/pod-security-admission.ts";
import { rke2ProfileCis } from "./rke2/profile-cis.ts";
import { rke2RestoreStore } from "./rke2/restore-store.ts";
import { rke2SchedulerArguments } from "./rke2/scheduler-arguments.ts";
import { rke2SecretsEncryption } from "./rke2/secrets-encryption.ts";
import { vmAutostart } from "./vm/autostart.ts";
import { vmControlPlanesApart } from "./vm/control-planes-apart.ts";
import { vmEqualFirewalls } from "./vm/equal-firewalls.ts";
import { vmEqualMachines } from "./vm/equal-machines.ts";
import { vmFirewall } from "./vm/firewall.ts";
import { vmFirewallOwner } from "./vm/firewall-owner.ts";
import { vmFirewallSets } from "./vm/firewall-sets.ts";
import { vmFirmware } from "./vm/firmware.ts";
import { vmFixedMemory } from "./vm/fixed-memory.ts";
import { vmGpuByMapping } from "./vm/gpu-by-mapping.ts";
import { vmGpuOnOneWorker } from "./vm/gpu-on-one-worker.ts";
import { vmImageChecksum } from "./vm/image-checksum.ts";
import { vmImageSource } from "./vm/image-source.ts";
import { vmMachineGroups } from "./vm/machine-groups.ts";
import { vmNetwork } from "./vm/network.ts";
import { vmNoPassword } from "./vm/no-password.ts";
import { vmNodeAddress } from "./vm/node-address.ts";
import { vmOneImage } from "./vm/one-image.ts";
import { vmOneNetwork } from "./vm/one-network.ts";
import { vmProcessor } from "./vm/processor.ts";
import { vmProtectedControlPlanes } from "./vm/protected-control-planes.ts";
import { vmQuorumOnOneHost } from "./vm/quorum-on-one-host.ts";
import { vmResourceType } from "./vm/resource-type.ts";
import { vmRoleTag } from "./vm/role-tag.ts";
import { vmSshKeys } from "./vm/ssh-keys.ts";
import { vmUniqueIdentity } from "./vm/unique-identity.ts";

export const rules: readonly Rule[] = [
	programKnownResources,
	programKubeconfigServer,
	programCompleteStack,
	programCredentialsInPlace,
	programHostKeyEndpoint,
	programPinnedHostKeys,
	programOwnAddresses,
	vmResourceType,
	vmRoleTag,
	vmControlPlanesApart,
	vmQuorumOnOneHost,
	vmProtectedControlPlanes,
	vmUniqueIdentity,
	vmNodeAddress,
	vmEqualMachines,
	vmMachineGroups,
	vmNetwork,
	vmOneNetwork,
	vmFirewall,
	vmFirewallOwner,
	vmFirewallSets,
	vmEqualFirewalls,
	vmNoPassword,
	vmSshKeys,
	vmImageChecksum,
	vmImageSource,
	vmOneImage,
	vmGpuByMapping,
	vmGpuOnOneWorker,
	vmFirmware,
	vmFixedMemory,
	vmProcessor,
	vmAutostart,
	rke2PinnedRelease,
	rke2ConfigOnEveryNode,
	rke2NodeCommands,
	rke2KnownKeys,
	rke2EqualNodes,
	rke2EqualCommands,
	rke2RestoreStore,
	rke2OddServers,
	rke2ProfileCis,
	rke2KernelDefaults,
	rke2KubeconfigMode,
	rke2ApiCertificate,
	rke2AnonymousAccess,
	rke2ApiServerArguments,
	rke2AdmissionPlugins,
	rke2AlwaysPullImages,
	rke2PodSecurityAdmission,
	rke2AuditPolicy,
	rke2SecretsEncryption,
	rke2ControllerManagerArguments,
	rke2SchedulerArguments,
	rke2EmbeddedEtcd,
	rke2EtcdArguments,
	rke2EtcdSnapshots,
	rke2OffsiteSnapshots,
	rke2KubeletArguments,
	rke2KubeletHardening,
	rke2KubeProxyArguments,
	rke2Cni,
	rke2NoInlineSecret,
	rke2IngressController,
	kubernetesClusterAdmin,
	kubernetesSystemMasters,
	kubernetesEverybody,
	kubernetesRbacWildcards,
	kubernetesRbacPermissions,
	kubernetesRbacEscalation,
	kubernetesDefaultServiceAccount,
	kubernetesServiceAccountTokens,
	kubernetesLastingTokens,
	kubernetesApiExtensions,
	kubernetesPodSecurity,
	kubernetesPrivilegedContainers,
	kubernetesHostNamespaces,
	kubernetesHostPaths,
	kubernetesHostPorts,
	kubernetesWindowsHostProcess,
	kubernetesPrivilegeEscalation,
	kubernetesRootContainers,
	kubernetesCapabilities,
	kubernetesNodeCapabilities,
	kubernetesSeccomp,
	kubernetesSecurityContext,
	kubernetesSecretsInEnvironment,
	kubernetesImageTags,
	kubernetesResourceLimits,
	kubernetesDefaultNamespace,
	kubernetesDefaultDeny,
	kubernetesProtectedDestinations,
	kubernetesPolicyPeers,
	kubernetesServiceTypes,
	kubernetesLoadBalancers,
	helmListedCharts,
	helmChartRepository,
	helmExactVersion,
	helmNoCreatedNamespace,
	helmNamespace,
	helmController,
];
