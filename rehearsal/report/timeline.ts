/** A chart of `up`: one bar for each part of the cluster, sized for a terminal. */
import type { EngineStep } from "../engine/engine.ts";

const columns = 50;

/** Parts in the order of the program. A resource belongs to the first part that matches its `<type>::<name>`. */
const parts: [label: string, matches: RegExp][] = [
	["images and mappings", /^proxmoxve:(download|hardware)\//],
	["machines", /^proxmoxve:index\/vmLegacy:/],
	["machine firewalls", /^proxmoxve:firewall\//],
	["pool, backup, HA", /^proxmoxve:(pool|backup|index\/(pool|ha))/],
	["first contact", /^command:.*-host-key$/],
	["preparation", /^command:.*-(toolkit|prepare|address|registries)$/],
	["first etcd member", /^command:.*-seed$/],
	["tokens", /^command:.*-token$/],
	["joins", /^command:.*-join$/],
	["convergence", /^command:.*-converge$/],
	["charts", /^kubernetes:helm/],
	["Kubernetes objects", /^kubernetes:/],
	// Without components and providers, which take no time.
	["other", /^(?!pulumi:|rke2-lab:)/],
];

/**
 * @param steps started and ended steps in their order
 * @returns one line for each part: label, bar, first and last second
 */
export function timeline(steps: readonly EngineStep[]): string[] {
	const spans = new Map<string, { from: number; to: number }>();
	for (const { urn, type, phase, at, operation } of steps) {
		const resource = `${type}::${urn.split("::").at(-1)}`;
		const label = operation === "same" ? undefined : parts.find(([, pattern]) => pattern.test(resource))?.[0];
		if (label === undefined) {
			continue;
		}
		const span = spans.get(label) ?? { from: at, to: at };
		spans.set(label, phase === "started" ? span : { ...span, to: Math.max(span.to, at) });
	}
	const end = Math.max(1, ...[...spans.values()].map(({ to }) => to));
	return parts
		.map(([label]) => label)
		.filter((label) => spans.has(label))
		.map((label) => {
			const { from, to } = spans.get(label)!;
			const start = Math.floor((from / end) * (columns - 1));
			const length = Math.max(1, Math.round(((to - from) / end) * columns));
			const bar = `${" ".repeat(start)}${"#".repeat(Math.min(length, columns - start))}`.padEnd(columns);
			return `  ${label.padEnd(20)} |${bar}| ${seconds(from)} - ${seconds(to)} s`;
		});
}

function seconds(milliseconds: number): string {
	return (milliseconds / 1000).toFixed(1).padStart(6);
}
