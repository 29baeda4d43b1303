/** Compares two recordings: what the tree wants against what the base wants. */
import { isDeepStrictEqual } from "node:util";
import { helmRelease } from "../../policies/lib/helm/releases.ts";
import type { ChartReviews } from "../charts/releases.ts";
import { emptyRecording, type Recording, type StackRecording } from "../recording/recording.ts";
import { groupChanges } from "./groups.ts";
import { headlineOf } from "./headline.ts";
import { compareConnections } from "./network.ts";
import { compareHosts, comparePolicies, difference, gainedBlocks } from "./posture.ts";
import { refusalsOf } from "./refusals.ts";
import { compareResources, type ResourceChange } from "./resources.ts";
import type { Action, Change, ChartReview, Review, StackReview } from "./review.ts";
import { type Disruption, rolloutOf } from "./rollout.ts";
import { changesIn } from "./values.ts";

const withoutCharts =
	"The objects inside the charts were not compared, only the versions and values: that needs the charts, which --charts names.";

const withoutState =
	"What runs now was not looked at: which nodes and members of etcd work, whether a node still lacks an earlier change, which it gets too, and what a person changed by hand. `pulumi preview --refresh` looks at the state; where a control plane is down already, the restart of another one interrupts the API.";

/** From the mildest to the gravest. */
const verdicts = ["no change", "not disruptive", "disruptive", "forbidden"] as const;

/**
 * @param base name of the commit or of the recording, for people
 * @param charts the objects inside the charts, where they were rendered
 */
export function compare(base: string, before: Recording, after: Recording, charts?: ChartReviews): Review {
	const names = [...new Set([...before.stacks, ...after.stacks].map(({ name }) => name))].sort();
	const stacks = names
		.map((name) => compareStack(name, before.stacks.find(is(name)), after.stacks.find(is(name)), charts?.get(name)))
		.filter(({ verdict }) => verdict !== "no change");
	const verdict = verdicts[Math.max(0, ...stacks.map((stack) => verdicts.indexOf(stack.verdict)))]!;
	return { format: 4, base, verdict, stacks };
}

const is = (name: string) => (stack: StackRecording) => stack.name === name;

/** A stack that only one side has is compared with nothing. */
function compareStack(
	name: string,
	before = emptyRecording(name),
	after = emptyRecording(name),
	charts?: readonly ChartReview[],
): StackReview {
	if (after.problems.length > 0) {
		return unread(name, "forbidden", "The stack file has mistakes, so that the program refuses it.", after);
	}
	if (isDeepStrictEqual(before, after)) {
		return nothing(name, "no change");
	}
	if (before.problems.length > 0) {
		return unread(
			name,
			"disruptive",
			"The stack file of the base has mistakes, so that nothing can be compared.",
			before,
		);
	}
	return compareReadable(name, before, after, charts);
}

function compareReadable(
	name: string,
	before: StackRecording,
	after: StackRecording,
	charts: readonly ChartReview[] | undefined,
): StackReview {
	const changes = compareResources(before.resources, after.resources);
	const { rollout, disruption } = rolloutOf(changes, before, after);
	const forbidden = [...refusalsOf(changes), ...gainedBlocks(before.posture, after.posture)];
	const counts = countsOf(changes);
	const review: StackReview = {
		...nothing(name, "not disruptive"),
		forbidden,
		counts,
		settings: [...changesIn(before.values, after.values), ...changedSecrets(before.secrets, after.secrets)],
		rollout,
		resources: groupChanges(changes, uniqueNodes(before, after)),
		policies: comparePolicies(before, after),
		network: compareConnections(before, after),
		privileges: difference(before.privileges, after.privileges),
		hosts: compareHosts(before.hosts, after.hosts),
		charts: charts?.filter(({ objects, unknown }) => objects.length > 0 || unknown !== undefined) ?? [],
		notes: [withoutState, ...chartNotes(changes, charts)],
	};
	if (forbidden.length > 0) {
		review.verdict = "forbidden";
	} else if (isDisruptive(changes, disruption)) {
		review.verdict = "disruptive";
	} else if (isUnchanged(review)) {
		return nothing(name, "no change");
	}
	return { ...review, headline: headlineOf(review, disruption) };
}

/** @param charts absent where no chart was rendered */
function chartNotes(changes: readonly ResourceChange[], charts: readonly ChartReview[] | undefined): string[] {
	if (charts === undefined) {
		return changes.some(({ now, action }) => now?.type === helmRelease && action !== "create") ? [withoutCharts] : [];
	}
	return charts.flatMap(({ release, unknown }) =>
		unknown === undefined
			? []
			: [`The objects of the release ${release} were not compared, only its version and values: ${unknown}`],
	);
}

/** The Jobs of the program only look at the cluster, and `up` runs them again for each change of what they look at. */
function isDisruptive(changes: readonly ResourceChange[], disruption: Disruption): boolean {
	const { restarted, vmRestarted, powerCycled, removed, rewired, interrupted, restore } = disruption;
	const destroys = changes.some(
		({ action, old }) => (action === "delete" || action === "replace") && old?.type !== "kubernetes:batch/v1:Job",
	);
	const lists = [restarted, vmRestarted, powerCycled, removed, rewired, interrupted];
	return destroys || restore || lists.some((list) => list.length > 0);
}

/** A key that only says in another way what the default is anyway changes nothing. */
function isUnchanged({ resources, policies, network, privileges, hosts, settings }: StackReview): boolean {
	const { violations, exceptions, warnings, controls } = policies;
	const lists = [violations, exceptions, warnings, privileges].flatMap(({ gained, lost }) => [gained, lost]);
	const all: readonly unknown[][] = [resources, network.opened, network.closed, hosts, controls, settings, ...lists];
	return all.every((list) => list.length === 0);
}

function countsOf(changes: readonly ResourceChange[]): Record<Action, number> {
	const count = (action: Action) => changes.filter((change) => change.action === action).length;
	return { delete: count("delete"), replace: count("replace"), update: count("update"), create: count("create") };
}

function changedSecrets(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): Change[] {
	return [...new Set([...Object.keys(before), ...Object.keys(after)])]
		.sort()
		.filter((key) => before[key] !== after[key])
		.map((path) => ({ path, secret: true }));
}

function uniqueNodes(...sides: readonly StackRecording[]) {
	return [...new Map(sides.flatMap(({ nodes }) => nodes).map((node) => [node.name, node])).values()];
}

function unread(
	stack: string,
	verdict: StackReview["verdict"],
	sentence: string,
	{ problems }: StackRecording,
): StackReview {
	return {
		...nothing(stack, verdict),
		headline: [sentence, "Nothing is known about disruption."],
		forbidden: verdict === "forbidden" ? problems.map(({ key, message }) => `${key}: ${message}`) : [],
		rollout: {
			...nothing(stack, verdict).rollout,
			notes: verdict === "forbidden" ? [] : problems.map(({ key, message }) => `${key}: ${message}`),
		},
	};
}

function nothing(stack: string, verdict: StackReview["verdict"]): StackReview {
	const none = () => ({ gained: [], lost: [] });
	return {
		stack,
		verdict,
		headline: [],
		forbidden: [],
		counts: { delete: 0, replace: 0, update: 0, create: 0 },
		settings: [],
		rollout: { steps: [], removed: [], powerCycled: [], rewired: [], interrupted: [], notes: [] },
		resources: [],
		charts: [],
		policies: { violations: none(), exceptions: none(), warnings: none(), controls: [] },
		network: { opened: [], closed: [] },
		privileges: none(),
		hosts: [],
		notes: [],
	};
}
