/** Reasons for which the program or Pulumi refuses a change. The sentences are those of the program's own hooks. */
import { convergedStateIn } from "../../components/cluster/converged-state.ts";
import { otherCapacity } from "../../components/platform/storage/local-storage.ts";
import { diskLosses } from "../../components/proxmox/disk-loss.ts";
import { nodeStepOf } from "../../src/facts/resource-names.ts";
import { type Placement, refusedMoves } from "../../src/rke2/placement.ts";
import { unsupportedChanges } from "../../src/rke2/unsupported-changes.ts";
import type { Json } from "../recording/recording.ts";
import type { ResourceChange } from "./resources.ts";

export function refusalsOf(changes: readonly ResourceChange[]): string[] {
	const restoring = changes.some(({ action, now }) => action === "create" && nodeStepOf(now?.name ?? "") === "restore");
	return [...new Set(changes.flatMap((change) => [...ofEngine(change), ...ofHooks(change, restoring)]))];
}

/** https://www.pulumi.com/docs/iac/concepts/options/protect/ */
function ofEngine({ action, old }: ResourceChange): string[] {
	return old?.protect && (action === "delete" || action === "replace")
		? [`${old.name} is protected: Pulumi refuses to destroy it; first remove its protection, in an \`up\` of its own`]
		: [];
}

/** The hooks before an update; the engine calls none of them for a replacement. */
function ofHooks({ action, old, now }: ResourceChange, restoring: boolean): string[] {
	if (action !== "update" || !old || !now) {
		return [];
	}
	const { type, name } = now;
	if (type === "proxmoxve:index/vmLegacy:VmLegacy") {
		return diskLosses(name, old.inputs, now.inputs);
	}
	if (type === "kubernetes:core/v1:PersistentVolume") {
		return [otherCapacity(name, old.inputs, now.inputs)].filter((refused) => refused !== undefined);
	}
	if (type === "pulumi:index:Stash") {
		return refusedMoves(placementIn(old.inputs), placementIn(now.inputs), restoring);
	}
	if (nodeStepOf(name) === "converge") {
		const [runs, wanted] = [convergedStateIn(old.inputs), convergedStateIn(now.inputs)];
		return runs && wanted ? unsupportedChanges(runs, wanted, restoring) : [];
	}
	return [];
}

/** The placement that a Stash of components/cluster/placement.ts records. */
function placementIn({ input }: { [key: string]: Json }): Placement {
	return (input ?? {}) as unknown as Placement;
}
