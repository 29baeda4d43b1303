import { PersistentVolume } from "@pulumi/kubernetes/core/v1/persistentVolume.js";
import { StorageClass } from "@pulumi/kubernetes/storage/v1/storageClass.js";
import * as pulumi from "@pulumi/pulumi";
import { localVolumeCount } from "../../../src/config/derived/storage.ts";
import type { NodeConfig, StackConfig } from "../../../src/config/schema/stack.ts";
import { dataDisk } from "../../../src/facts/data-disk.ts";

const className = "local";

/**
 * Local persistent volumes on the nodes' data disks, and the default storage class.
 * https://kubernetes.io/docs/concepts/storage/volumes/#local
 */
export class LocalStorage extends pulumi.ComponentResource {
	constructor(
		name: string,
		{ stack }: { stack: Pick<StackConfig, "nodes" | "platform"> },
		opts?: pulumi.ComponentResourceOptions,
	) {
		super("rke2-lab:platform:LocalStorage", name, {}, opts);
		const storageClass = createClass({ parent: this });
		const hooks = { beforeUpdate: [refuseOtherCapacity(`${name}-capacity`)] };
		for (const [node, config] of Object.entries(stack.nodes)) {
			createVolumes(stack, node, config, { parent: this, dependsOn: storageClass, hooks });
		}
		this.registerOutputs({});
	}
}

function createClass(opts: pulumi.CustomResourceOptions): StorageClass {
	return new StorageClass(
		className,
		{
			metadata: { name: className, annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
			provisioner: "kubernetes.io/no-provisioner",
			// The scheduler first chooses a node for the pod, then a volume there: a volume's node may have no room for the pod.
			volumeBindingMode: "WaitForFirstConsumer",
		},
		opts,
	);
}

function createVolumes(
	stack: Pick<StackConfig, "nodes" | "platform">,
	node: string,
	config: NodeConfig,
	opts: pulumi.CustomResourceOptions,
): void {
	for (let number = 1; number <= localVolumeCount(stack, config); number++) {
		const directory = `volume-${`${number}`.padStart(2, "0")}`;
		const name = `${node}-${directory}`;
		new PersistentVolume(
			name,
			{
				metadata: { name },
				spec: {
					capacity: { storage: `${stack.platform.storage.volumeGiB}Gi` },
					accessModes: ["ReadWriteOnce"],
					storageClassName: className,
					// Only the owner of the data can decide to delete it.
					persistentVolumeReclaimPolicy: "Retain",
					local: { path: `${dataDisk.directory}/${directory}` },
					nodeAffinity: onNode(node),
				},
			},
			opts,
		);
	}
}

/**
 * Refuses a changed capacity, in a preview as well. Kubernetes would accept it, even for volumes that claims are bound to. Fewer
 * larger volumes fit on a disk, and the others would be deleted with their data.
 */
function refuseOtherCapacity(name: string): pulumi.ResourceHook {
	return new pulumi.ResourceHook(
		name,
		({ name: volume, oldInputs, newInputs }) => {
			const refused = otherCapacity(volume, oldInputs, newInputs);
			if (refused) {
				throw new Error(refused);
			}
		},
		{ onDryRun: true },
	);
}

/** @returns a sentence when the capacity in the inputs of a volume changes */
export function otherCapacity(volume: string, ...inputs: readonly unknown[]): string | undefined {
	const [old, wanted] = (inputs as ({ spec?: { capacity?: { storage?: string } } } | undefined)[]).map(
		(known) => known?.spec?.capacity?.storage,
	);
	return old === wanted
		? undefined
		: `platform.storage.volumeGiB: ${volume} has ${old} and cannot become ${wanted}; set the old value again, or first remove the nodes with a data disk from the cluster`;
}

function onNode(node: string) {
	return {
		required: {
			nodeSelectorTerms: [{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [node] }] }],
		},
	};
}
