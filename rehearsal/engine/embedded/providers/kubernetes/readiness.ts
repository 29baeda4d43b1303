/** Kinds that are ready later than they exist, and when the plugin takes them to be so. */
import { isDeepStrictEqual } from "node:util";
import type { KubernetesObject } from "@kubernetes/client-node";

/** An object with the fields that decide. */
export type Live = KubernetesObject & {
	spec?: { hard?: object };
	status?: { hard?: object; phase?: string; startTime?: string | Date; conditions?: Condition[] };
};

interface Condition {
	type: string;
	status: string;
	reason?: string;
	message?: string;
}

/** Each throws once there is nothing left to wait for. */
export const READY: Record<string, (object: Live) => boolean> = {
	PersistentVolume: ({ status }) => status?.phase === "Available" || status?.phase === "Bound",
	ResourceQuota: ({ spec, status }) => isDeepStrictEqual(spec?.hard, status?.hard),
	Job: jobIsComplete,
};

/**
 * As the plugin decides it (its checker/job/check.go): of failures only these two end the wait, and what is said about
 * the pods while they are not scheduled is not part of the error.
 */
function jobIsComplete({ metadata, status }: Live): boolean {
	const holds = (type: string) => status?.conditions?.find((each) => each.type === type && each.status === "True");
	const failed = holds("Failed");
	if (failed && ["BackoffLimitExceeded", "DeadlineExceeded"].includes(failed.reason ?? "")) {
		throw new Error(
			`Job ${metadata?.namespace}/${metadata?.name} was created but failed to initialize: [${failed.reason}] ${failed.message}`,
		);
	}
	return status?.startTime !== undefined && holds("Complete") !== undefined;
}
