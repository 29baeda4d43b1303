/** Every rule of the pack, in the order in which they are listed to people. */
import type { Rule } from "../lib/rule.ts";
import { helmExactVersion } from "./helm-exact-version.ts";
import { helmNoCreatedNamespace } from "./helm-no-created-namespace.ts";
import { kubernetesDefaultDeny } from "./kubernetes-default-deny.ts";
import { kubernetesPodSecurity } from "./kubernetes-pod-security.ts";
import { rke2AuditPolicy } from "./rke2-audit-policy.ts";
import { rke2ConfigOnEveryNode } from "./rke2-config-on-every-node.ts";
import { rke2IngressController } from "./rke2-ingress-controller.ts";
import { rke2KernelDefaults } from "./rke2-kernel-defaults.ts";
import { rke2KnownKeys } from "./rke2-known-keys.ts";
import { rke2NoInlineSecret } from "./rke2-no-inline-secret.ts";
import { rke2PinnedRelease } from "./rke2-pinned-release.ts";
import { rke2PodSecurityAdmission } from "./rke2-pod-security-admission.ts";
import { rke2ProfileCis } from "./rke2-profile-cis.ts";
import { vmControlPlanesApart } from "./vm-control-planes-apart.ts";
import { vmGpuByMapping } from "./vm-gpu-by-mapping.ts";
import { vmNoPassword } from "./vm-no-password.ts";

export const rules: readonly Rule[] = [
	vmControlPlanesApart,
	vmGpuByMapping,
	vmNoPassword,
	rke2PinnedRelease,
	rke2ConfigOnEveryNode,
	rke2KnownKeys,
	rke2ProfileCis,
	rke2KernelDefaults,
	rke2PodSecurityAdmission,
	rke2AuditPolicy,
	rke2NoInlineSecret,
	rke2IngressController,
	kubernetesPodSecurity,
	kubernetesDefaultDeny,
	helmExactVersion,
	helmNoCreatedNamespace,
];
