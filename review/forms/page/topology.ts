/** The hosts with their VMs, as they will be, and what happens to each node. */

import type { Section } from "../../../src/page/document.ts";
import { type Html, html } from "../../../src/page/html.ts";
import type { RecordedHost, RecordedNode, StackRecording, Usage } from "../../recording/recording.ts";
import { fateOf } from "./fate.ts";
import type { Compared } from "./page.ts";

export function topologySection({ review, before, after }: Compared): Section | undefined {
	// A removed stack has hosts on one side only; of a stack file with mistakes nothing is known.
	const side = after.nodes.length > 0 ? after : before;
	if (side.nodes.length === 0 || after.problems.length > 0) {
		return undefined;
	}
	const kept = new Set(side.nodes.map(({ name }) => name));
	const nodes = [...side.nodes, ...before.nodes.filter(({ name }) => !kept.has(name))];
	const names = new Set([...side.hosts.map(({ name }) => name), ...nodes.map(({ host }) => host)]);
	const hosts = [...names].map((name) => {
		const recorded = side.hosts.find((host) => host.name === name);
		const own = nodes.filter(({ host }) => host === name);
		return html`<li class="host"><h3>${name}</h3>
${recorded && capacity(recorded)}
${
	own.length === 0
		? html`<p class="quiet">No VM of this cluster.</p>`
		: html`<ul>
${own.map((node) => machine(node, fateOf(node.name, review, before, after)))}</ul>`
}
</li>
`;
	});
	return { id: "topology", title: "Topology", body: html`${network(side)}<ul class="hosts">\n${hosts}</ul>` };
}

function network({ cluster }: StackRecording): Html | undefined {
	if (!cluster?.network) {
		return undefined;
	}
	const { bridge, vlan, cidr, gateway } = cluster.network;
	const facts = [
		["Network of the nodes", cidr],
		["VLAN", vlan === undefined ? `none, untagged on ${bridge}` : `${vlan} on ${bridge}`],
		["Gateway", gateway],
		["API", [...(cluster.api ?? []), `mode ${cluster.apiMode}`].join(", ")],
	];
	return html`<dl class="facts">\n${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>\n`)}</dl>\n`;
}

function capacity({ cpus, memoryGiB, diskGiB }: RecordedHost): Html {
	return html`<dl class="capacity">
${meter("CPUs", cpus, "")}${meter("Memory", memoryGiB, " GiB")}${meter("Disk", diskGiB, " GiB")}</dl>`;
}

/** A drawing that more than fills its frame would say less than the numbers beside it, so it ends at the frame. */
function meter(name: string, { used, of }: Usage, unit: string): Html {
	const share = of === undefined ? undefined : Math.min(100, Math.round((used / of) * 100));
	const full = of !== undefined && used > of;
	return html`<div${full ? html` class="over"` : undefined}><dt>${name}</dt><dd>${
		share === undefined
			? undefined
			: html`<svg aria-hidden="true" focusable="false"><rect class="track" width="100%" height="100%"/><rect width="${share}%" height="100%"/></svg>`
	}<span>${used}${of === undefined ? "" : ` of ${of}`}${unit}${full ? html`<span class="hidden">, more than the host has</span>` : undefined}</span></dd></div>
`;
}

function machine({ name, role, address, gpu, machine }: RecordedNode, fate: { does: string; text: string }): Html {
	const size = machine && `${machine.cpus} CPUs, ${machine.memoryGiB} GiB, disk ${machine.disksGiB.join(" + ")} GiB`;
	const lines = [
		`${address}${machine ? `, VM ${machine.vmId}` : ""}`,
		size,
		gpu === undefined ? undefined : `GPU ${machine?.gpu ?? gpu}`,
	].filter((line) => line !== undefined);
	return html`<li class="node ${fate.does}"><h4>${name}</h4>
<p class="role">${role === "control-plane" ? "Control plane" : "Worker"}</p>
${lines.map((line) => html`<p>${line}</p>\n`)}${fate.text === "" ? undefined : html`<p class="fate">${fate.text}</p>`}
</li>
`;
}
