/**
 * The record knows a Kubernetes object by the name of its resource. The name says which object it is, because another one would get the rules
 * of a namespace, the rights or the volume that are meant for this one.
 */
import type { Resource } from "../rules/resource.ts";

type Metadata = Readonly<{ name?: unknown; namespace?: unknown }>;

const byName = ({ name }: Metadata) => `${name}`;
const byNamespace = ({ namespace, name }: Metadata) => `${namespace}-${name}`;
const byNode = ({ name }: Metadata) => `${name}-labels`;

/** By type, the name of the resource for an object. Names of other types do not follow from that of the object. */
const names: Readonly<Record<string, (metadata: Metadata) => string>> = {
	"kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy": byName,
	"kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding": byName,
	"kubernetes:core/v1:LimitRange": byNamespace,
	"kubernetes:core/v1:Namespace": byName,
	"kubernetes:core/v1:NodePatch": byNode,
	"kubernetes:core/v1:PersistentVolume": byName,
	"kubernetes:core/v1:ResourceQuota": byNamespace,
	"kubernetes:core/v1:Secret": byName,
	"kubernetes:core/v1:Service": byNamespace,
	"kubernetes:core/v1:ServiceAccountPatch": byNamespace,
	"kubernetes:networking.k8s.io/v1:NetworkPolicy": byNamespace,
	"kubernetes:networking.k8s.io/v1:NetworkPolicyPatch": byNamespace,
	"kubernetes:rbac.authorization.k8s.io/v1:ClusterRole": byName,
	"kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding": byName,
	"kubernetes:rbac.authorization.k8s.io/v1:RoleBinding": byNamespace,
};

/** @returns the name of the resource for the object that this one declares, where it has another name */
export function nameOfObject({ type, name, props }: Resource): string | undefined {
	const expected = Object.hasOwn(names, type) ? names[type]!((props.metadata ?? {}) as Metadata) : name;
	return expected === name ? undefined : expected;
}

/** Of a local volume: node and directory are the two parts of its name. */
const volume = /^(?<node>.+)-(?<directory>volume-\d+)$/;

/** @returns the parts of a volume that its name does not say */
export function otherPartsOfVolume({ type, name, props }: Resource): string[] {
	const { node, directory } = volume.exec(name)?.groups ?? {};
	if (type !== "kubernetes:core/v1:PersistentVolume" || node === undefined) {
		return [];
	}
	const { local, nodeAffinity } = (props.spec ?? {}) as { local?: { path?: unknown }; nodeAffinity?: unknown };
	return [
		...(`${local?.path}`.endsWith(`/${directory}`) ? [] : ["local.path"]),
		...(JSON.stringify(nodeAffinity ?? null).includes(`["${node}"]`) ? [] : ["nodeAffinity"]),
	];
}
