/** The two lines on top of a review: counts, and disruption. */
import type { StackReview } from "./review.ts";
import type { Disruption } from "./rollout.ts";

export function headlineOf({ counts, forbidden }: StackReview, disruption: Disruption): string[] {
	return [countsLine(counts), disruptionLine(disruption, forbidden.length > 0)];
}

/** Deletions and replacements first. */
function countsLine({ delete: deleted = 0, replace = 0, update = 0, create = 0 }: StackReview["counts"]): string {
	const parts = [
		[deleted, "deleted"],
		[replace, "replaced"],
		[update, "changed"],
		[create, "created"],
	] as const;
	const text = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
	return text.length === 0 ? "No resource changes." : `Resources: ${text.join(", ")}.`;
}

function disruptionLine(disruption: Disruption, forbidden: boolean): string {
	const {
		removed,
		replaced,
		restarted,
		together,
		vmRestarted,
		powerCycled,
		rewired,
		restore,
		interrupted,
		joined,
		withoutGpu,
		api,
	} = disruption;
	const parts = [
		...(restore ? ["etcd goes back to a snapshot"] : []),
		...(removed.length > 0 ? [`${nodes(removed)} removed`] : []),
		...(replaced.length > 0 ? [`the VM of ${nodes(replaced)} replaced`] : []),
		...(vmRestarted.length > 0
			? [
					`${nodes(vmRestarted)} drained and ${vmRestarted.length > 1 ? "their VMs restarted, one after another" : "its VM restarted"}`,
				]
			: []),
		...(restarted.length > 0
			? [`${nodes(restarted)} drained and RKE2 restarted${restarted.length > 1 ? ` there, ${pace(together)}` : ""}`]
			: []),
		...(powerCycled.length > 0 ? [`${nodes(powerCycled)} to power-cycle by hand`] : []),
		...(rewired.length > 0 ? [`the network of ${nodes(rewired)} changes while it runs`] : []),
		...(withoutGpu.length > 0 ? [`pods with a GPU stop on ${nodes(withoutGpu)}`] : []),
		...interrupted.map(({ what }) => what),
		...(joined.length > 0 ? [`${nodes(joined)} joining`] : []),
	];
	const refused = forbidden ? "Forbidden: `up` or its preview refuses this change. " : "";
	return `${refused}Disruption: ${parts.length === 0 ? "none" : parts.join("; ")}. ${api}`;
}

function pace(together: number): string {
	return together > 1
		? `up to ${together} workers at the same time and the others one after another`
		: "one after another";
}

/** Names them while they are few. */
function nodes(names: readonly string[]): string {
	return names.length > 3 ? `${names.length} nodes` : names.join(", ");
}
