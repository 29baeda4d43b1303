import { isDeepStrictEqual } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import type { Restore } from "./restore.ts";
import type { SnapshotNames } from "./vm-snapshots.ts";

/** A function of the engine itself, which a stack reference uses as well: https://github.com/pulumi/pulumi/blob/v3.276.0/pkg/resource/deploy/builtins.go */
const readStackOutputs = "pulumi:pulumi:readStackOutputs";

/** Outputs of this stack that the program itself reads. */
export interface RecordedOutputs {
	/** The administrator's; only the state says when its certificate expires. */
	kubeconfig?: string;
	/** The last restore that is done. */
	restored?: Restore;
	/** The snapshots of the VMs, as Proxmox listed them at the end. */
	vmSnapshots?: SnapshotNames;
}

/**
 * What the last `up` left among the outputs of this stack: a stack may read its own outputs. A StackReference would be a resource, with
 * a copy of the outputs of before each `up` in the state, which a refresh would change.
 */
export async function recordedOutputs(): Promise<RecordedOutputs> {
	const name = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
	const { outputs = {} } = (await pulumi.runtime.invoke(readStackOutputs, { name })) as {
		outputs?: Record<string, unknown>;
	};
	const { kubeconfig, restored, vmSnapshots } = outputs;
	return {
		...(typeof kubeconfig === "string" ? { kubeconfig } : {}),
		...(isRestore(restored) ? { restored } : {}),
		...(isSnapshotNames(vmSnapshots) ? { vmSnapshots } : {}),
	};
}

function isSnapshotNames(value: unknown): value is SnapshotNames {
	return typeof value === "object" && value !== null && Object.values(value).every(Array.isArray);
}

function isRestore(value: unknown): value is Restore {
	const { snapshot, server, from } = (value ?? {}) as Partial<Restore>;
	return [snapshot, server, from].every((member) => typeof member === "string");
}

/**
 * The restore that this `up` has to do. Warns of a key that stays in the stack file after its restore.
 *
 * @param wanted `cluster.restore`
 * @param done of the recorded outputs
 */
export function pendingRestore(wanted: Restore | undefined, done: Restore | undefined): Restore | undefined {
	if (!isDeepStrictEqual(wanted, done)) {
		return wanted;
	}
	if (wanted) {
		void pulumi.log.warn(
			`cluster.restore: the restore of ${wanted.snapshot} is done, and the key does nothing any more; remove it.`,
		);
	}
	return undefined;
}
