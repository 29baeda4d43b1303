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

test("claims get a local volume by default, on a node that has room for their pod", () => {
	expect(named(objects, "kubernetes:storage.k8s.io/v1:StorageClass", "local").inputs).toMatchObject({
		metadata: { name: "local", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
		provisioner: "kubernetes.io/no-provisioner",
		volumeBindingMode: "WaitForFirstConsumer",
	});
});

test("a data disk has as many volumes as fit, each bound to its node and retained with its data", async () => {
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

test("a larger disk has further volumes and leaves the others unchanged", async () => {
	const [before, after] = [volumes(await withDisk(330)), volumes(await withDisk(450))];
	expect(after.slice(0, before.length)).toEqual(before);
	expect(after).toHaveLength(before.length + 1);
});

test("a volume refuses another capacity before its update", async () => {
	expect(volumes(await withDisk(330)).map(({ beforeUpdate }) => beforeUpdate)).toEqual(
		Array(3).fill(["storage-capacity"]),
	);
});
