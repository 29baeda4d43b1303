/** The sections of a review below its two top lines, for every form of text. A section without content is left out. */
import type {
	Action,
	Change,
	Connection,
	Difference,
	HostUsage,
	ResourceGroup,
	StackReview,
	Step,
} from "../compare/review.ts";

export interface Section {
	title: string;
	/** Each may have several lines of its own. */
	lines: string[];
}

export function sectionsOf(review: StackReview): Section[] {
	const { forbidden, settings, rollout, resources, charts, policies, network, privileges, hosts, notes } = review;
	const all: Section[] = [
		{ title: "Forbidden", lines: forbidden },
		{ title: "Keys of the stack file", lines: settings.map(changeText) },
		{ title: "Rollout, in this order", lines: [...rollout.steps.map(stepText), ...rollout.notes] },
		...(["delete", "replace", "update", "create"] as const).map((action) => ({
			title: titles[action],
			lines: resources.filter((group) => group.action === action).map(groupText),
		})),
		...charts.map(({ release, objects }) => ({
			title: `Objects inside the release ${release}`,
			lines: objects.map((group) => `${words[group.action]}: ${groupText(group)}`),
		})),
		{ title: "Policies", lines: policyLines(policies) },
		{
			title: "Connections by the network policies",
			lines: [
				...network.opened.map((one) => `opens: ${connectionText(one)}`),
				...network.closed.map((one) => `closes: ${connectionText(one)}`),
			],
		},
		{ title: "Privileges of the Proxmox token", lines: differenceLines(privileges, "needs", "no longer needs") },
		{ title: "Capacity of the hosts", lines: hosts.map(hostText) },
		{ title: "Not known here", lines: notes },
	];
	return all.filter(({ lines }) => lines.length > 0);
}

const titles: Readonly<Record<Action, string>> = {
	delete: "Deleted",
	replace: "Replaced: destroyed and created anew",
	update: "Changed",
	create: "Created",
};

const words: Readonly<Record<Action, string>> = {
	delete: "deleted",
	replace: "replaced",
	update: "changed",
	create: "created",
};

/** A text with more lines is named, and not shown. */
const foldedFrom = 24;

/** `path: old -> new`; texts of several lines with a sign before each line. */
export function changeText({ path, old, new: now, secret }: Change): string {
	if (secret) {
		return `${path}: changed (secret; its ciphertext differs, its value may be the same)`;
	}
	const long = [old, now].some((text) => text?.includes("\n"));
	if (!long) {
		if (old === undefined) {
			return `${path}: new: ${quoted(now)}`;
		}
		return now === undefined ? `${path}: removed, was ${quoted(old)}` : `${path}: ${quoted(old)} -> ${quoted(now)}`;
	}
	const signed = (sign: string, text: string | undefined) => {
		const lines = text?.replace(/\n$/, "").split("\n") ?? [];
		return lines.length > foldedFrom
			? [`  ${sign} ${lines.length} lines, which --json has`]
			: lines.map((line) => `  ${sign} ${line}`);
	};
	return [`${path}:`, ...signed("-", old), ...signed("+", now)].join("\n");
}

function quoted(text: string | undefined): string {
	return text === "" ? '""' : String(text);
}

export function stepText({ nodes, does, because }: Step): string {
	const reasons = because.length > 0 ? ` because ${because.join("; ")}` : "";
	const texts = {
		restart: `drained, RKE2 restarts,${reasons}.`,
		"restart-vm": `drained, its VM restarts,${reasons}.`,
		"restart-vm-and-rke2": `drained, its VM restarts, drained once more, RKE2 restarts,${reasons}.`,
		join: "created, joins the cluster.",
		create: "leaves the cluster, its VM is created anew, joins again.",
	};
	return `${nodes.join(", then ")}: ${texts[does]}`;
}

export function groupText({ kind, names, nodes, changes, because }: ResourceGroup): string {
	const where = nodes.length > 0 ? ` (${nodes.length > 1 ? `${nodes.length} nodes: ` : ""}${nodes.join(", ")})` : "";
	// A command and a VM have the name of their node.
	const what = nodes.length === names.length && nodes.length > 0 ? "" : `: ${names.join(", ")}`;
	const count = names.length > 1 ? `${names.length} x ` : "";
	const reason = because.length > 0 ? `\n  because of ${because.join(", ")}` : "";
	const lines = changes.flatMap((change) => changeText(change).split("\n")).map((line) => `\n  ${line}`);
	return `${count}${kind}${where}${what}${reason}${lines.join("")}`;
}

function policyLines({ violations, exceptions, warnings, controls, level }: StackReview["policies"]): string[] {
	return [
		...(level ? [`Level of the benchmark without a failing control: ${level.before} -> ${level.after}`] : []),
		...differenceLines(violations, "new violation", "violation gone"),
		...differenceLines(exceptions, "exception used", "exception no longer used"),
		...differenceLines(warnings, "new warning", "warning gone"),
		...controlLines(controls),
	];
}

/** Controls with the same result and the same evidence are one entry. */
function controlLines(controls: StackReview["policies"]["controls"]): string[] {
	const groups = Map.groupBy(controls, ({ before, after, evidence }) => JSON.stringify([before, after, evidence]));
	return [...groups.values()].map((group) => {
		const { before, after, evidence } = group[0]!;
		const names = group.map(({ id, title }) => `${id} (${title})`).join(", ");
		const result = before === after ? `${after}, with other evidence` : `${before} -> ${after}`;
		return [`control ${names}: ${result}`, ...evidence.map((sentence) => `  ${sentence}`)].join("\n");
	});
}

function connectionText({ from, to, ports }: Connection): string {
	return `${from.join(", ")} to ${to}: ${ports.join(", ")}`;
}

function differenceLines({ gained, lost }: Difference, gains: string, loses: string): string[] {
	return [...gained.map((text) => `${gains}: ${text}`), ...lost.map((text) => `${loses}: ${text}`)];
}

export function hostText({ host, what, before, after, of }: HostUsage): string {
	return `${host} ${what}: ${before} -> ${after}${of === undefined ? "" : ` of ${of}`}`;
}
