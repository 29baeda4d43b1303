/**
 * Properties that a provider cannot change in place: it destroys the resource and creates it anew. A preview asks the providers;
 * a review has none, and reads this table. The properties for which the program itself asks (`replaceOnChanges`) are in the recording.
 */
import type { Json, RecordedResource } from "../recording/recording.ts";

interface Immutable {
	properties: readonly string[];
	/** Where the provider says so. */
	source: string;
	/** Whether a change is made in place all the same. */
	unless?: (inputs: { [key: string]: Json }) => boolean;
}

const bpg = "https://github.com/bpg/terraform-provider-proxmox/blob/v0.112.0";
const kubernetesDiff = "https://github.com/pulumi/pulumi-kubernetes/blob/v4.34.2/provider/pkg/provider/diff.go";

/** By type of the resource. */
export const immutable: Readonly<Record<string, readonly Immutable[]>> = {
	"proxmoxve:index/vmLegacy:VmLegacy": [
		{ properties: ["vmId", "efiDisk.type"], source: `${bpg}/proxmoxtf/resource/vm/vm.go` },
		{
			properties: ["nodeName"],
			source: `${bpg}/proxmoxtf/resource/vm/vm.go`,
			unless: ({ migrate }) => migrate === true,
		},
	],
	"proxmoxve:download/file:File": [
		{
			properties: [
				"contentType",
				"fileName",
				"datastoreId",
				"nodeName",
				"url",
				"checksum",
				"checksumAlgorithm",
				"decompressionAlgorithm",
			],
			source: `${bpg}/fwprovider/nodes/resource_download_file.go`,
		},
	],
	"proxmoxve:index/poolLegacy:PoolLegacy": [
		{ properties: ["poolId"], source: `${bpg}/proxmoxtf/resource/pool/pool.go` },
	],
	"proxmoxve:pool/membership:Membership": [
		{ properties: ["poolId", "vmId", "storageId"], source: `${bpg}/fwprovider/pools/pool_membership.go` },
	],
	"proxmoxve:index/harule:Harule": [
		{ properties: ["rule", "type"], source: `${bpg}/fwprovider/cluster/ha/resource_harule.go` },
	],
	"proxmoxve:backup/job:Job": [{ properties: ["resourceId"], source: `${bpg}/fwprovider/cluster/backup/resource.go` }],
	"proxmoxve:firewall/ipsetLegacy:IpsetLegacy": [
		{ properties: ["cidrs"], source: `${bpg}/proxmoxtf/resource/firewall/ipset.go` },
	],
	"pulumi:providers:kubernetes": [
		{
			properties: ["clusterIdentifier"],
			source: "https://www.pulumi.com/registry/packages/kubernetes/api-docs/provider/",
		},
	],
	"kubernetes:helm.sh/v3:Release": [
		{
			properties: ["name", "namespace"],
			source: "https://github.com/pulumi/pulumi-kubernetes/blob/v4.34.2/provider/pkg/provider/helm_release.go",
		},
	],
	"kubernetes:core/v1:PersistentVolume": [
		{ properties: ["spec.local", "spec.hostPath", "spec.nfs", "spec.csi"], source: kubernetesDiff },
	],
	"kubernetes:core/v1:ResourceQuota": [{ properties: ["spec.scopes"], source: kubernetesDiff }],
	"kubernetes:core/v1:Secret": [{ properties: ["type", "stringData", "data"], source: kubernetesDiff }],
	"kubernetes:core/v1:ConfigMap": [{ properties: ["binaryData", "data"], source: kubernetesDiff }],
	"kubernetes:core/v1:Service": [{ properties: ["spec.clusterIP"], source: kubernetesDiff }],
	"kubernetes:rbac.authorization.k8s.io/v1:RoleBinding": [{ properties: ["roleRef"], source: kubernetesDiff }],
	"kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding": [{ properties: ["roleRef"], source: kubernetesDiff }],
	"kubernetes:storage.k8s.io/v1:StorageClass": [{ properties: ["parameters", "provisioner"], source: kubernetesDiff }],
	"kubernetes:batch/v1:Job": [
		{
			properties: ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"],
			source: kubernetesDiff,
		},
	],
	"tls:index/privateKey:PrivateKey": [
		{
			properties: ["algorithm", "ecdsaCurve", "rsaBits"],
			source: "https://registry.terraform.io/providers/hashicorp/tls/latest/docs/resources/private_key",
		},
	],
};

/** For every Kubernetes object. */
const ofObjects: Immutable = { properties: ["metadata.name", "metadata.namespace"], source: kubernetesDiff };

/**
 * @param path of a changed property
 * @returns the property that replaces the resource; nothing when it is changed in place
 */
export function replacingProperty(
	{ type, inputs, replaceOnChanges }: RecordedResource,
	path: string,
): string | undefined {
	const ofProvider = [...(immutable[type] ?? []), ...(type.startsWith("kubernetes:") ? [ofObjects] : [])]
		.filter(({ unless }) => !unless?.(inputs))
		.flatMap(({ properties }) => properties);
	return [...ofProvider, ...replaceOnChanges.map((property) => property.replace(/\[\*\]$/, ""))].find((property) =>
		isWithin(path, property),
	);
}

/** Whether a path is the property, or a part of it. */
export function isWithin(path: string, property: string): boolean {
	return path === property || path.startsWith(`${property}.`) || path.startsWith(`${property}[`);
}
