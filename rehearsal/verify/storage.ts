import type { CoreV1Api } from "@kubernetes/client-node";
import { localVolumeCount } from "../../src/config/derived/storage.ts";
import type { StackConfig } from "../../src/config/schema/stack.ts";
import { dataDisk } from "../../src/facts/data-disk.ts";
import type { Shell } from "./etcd.ts";

/** Prints the directories of the data disk, and nothing when no disk is mounted. */
const listVolumes = `sh -c 'mountpoint --quiet ${dataDisk.directory} && ls -d ${dataDisk.directory}/volume-*'`;

/** Checks that every local volume of the stack file has a PersistentVolume, and a directory on its node's data disk. */
export async function storageProblems(core: CoreV1Api, stack: StackConfig, onNode: Shell): Promise<string[]> {
	const { items } = await core.listPersistentVolume();
	const problems = await Promise.all(
		Object.entries(stack.nodes).map(async ([node, config]) => {
			const expected = localVolumeCount(stack, config);
			const announced = items
				.filter(({ spec }) =>
					spec?.nodeAffinity?.required?.nodeSelectorTerms
						.flatMap(({ matchExpressions = [] }) => matchExpressions)
						.some(({ values = [] }) => values.includes(node)),
				)
				.map(({ spec }) => spec?.local?.path ?? "");
			const found = expected === 0 ? [] : (await onNode(node, listVolumes)).split("\n").filter((line) => line !== "");
			return [
				...(announced.length === expected
					? []
					: [`${node} has ${announced.length} local volumes instead of ${expected}`]),
				...announced
					.filter((path) => !found.includes(path))
					.map((path) => `the local volume ${path} of ${node} is not on its data disk`),
			];
		}),
	);
	return problems.flat();
}
