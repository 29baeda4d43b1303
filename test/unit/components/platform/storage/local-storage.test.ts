import { expect, test } from "vitest";
import type { Registration } from "../../recorder.ts";
import { named, objects, platform } from "../platform-lab.ts";

const volumes = (registrations: Registration[]) =>
	registrations.filter(
		({ type, name }) => type === "kubernetes:core/v1:PersistentVolume" && name.startsWith("proj-k8sw02"),
	);
const withDisk = (dataDiskGiB: number) =>
	platform((stack) => {
		stack.nodes["proj-k8sw02"]!.dataDiskGiB = dataDiskGiB;
		stack.platform.storage.volumeGiB = 100;
	});

test("claims get a local volume without asking, on the node that their pod fits on", () => {
	expect(named(objects, "kubernetes:storage.k8s.io/v1:StorageClass", "local").inputs).toMatchObject({
		metadata: { name: "local", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
		provisioner: "kubernetes.io/no-provisioner",
		volumeBindingMode: "WaitForFirstConsumer",
	});
});

test("a data disk is as many volumes as fit, each tied to its node and kept with its data", async () => {
	const found = volumes(await withDisk(330));
	expect(found.map(({ name }) => name)).toEqual([
		"proj-k8sw02-volume-01",
		"proj-k8sw02-volume-02",
		"proj-k8sw02-volume-03",
	]);
	expect(found[2]!.inputs.spec).toEqual({
		capacity: { storage: "100Gi" },
		accessModes: ["ReadWriteOnce"],
		storageClassName: "local",
		persistentVolumeReclaimPolicy: "Retain",
		local: { path: "/mnt/data/volume-03" },
		nodeAffinity: {
			required: {
				nodeSelectorTerms: [
					{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: ["proj-k8sw02"] }] },
				],
			},
		},
	});
});

test("a larger disk brings further volumes and leaves the others as they are", async () => {
	const [before, after] = [volumes(await withDisk(330)), volumes(await withDisk(450))];
	expect(after.slice(0, before.length)).toEqual(before);
	expect(after).toHaveLength(before.length + 1);
});

test("a volume is asked about before its update, which would change its capacity under a claim", async () => {
	expect(volumes(await withDisk(330)).map(({ beforeUpdate }) => beforeUpdate)).toEqual(
		Array(3).fill(["storage-capacity"]),
	);
});
