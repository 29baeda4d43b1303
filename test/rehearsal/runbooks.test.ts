/** The commands of the runbooks, as an administrator types them, on a cluster in trouble. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Rehearsal } from "../../rehearsal/rehearsal.ts";
import { changeCount } from "../../rehearsal/report/result.ts";
import { complaints, eventually, only, without } from "./support/scenario.ts";

const server = "proj-k8sm01";
const worker = "proj-k8sw01";

let rehearsal: Rehearsal;

beforeAll(async () => {
	rehearsal = await Rehearsal.open({
		name: "test-runbooks",
		stack: "lab",
		policies: false,
		change: { nodes: only(server, worker), platform: without("metallb", "gpuOperator") },
		say: () => undefined,
	});
	expect(complaints(await rehearsal.up())).toBe("");
});

afterAll(async () => {
	await rehearsal?.close();
});

interface Step {
	command: string;
	output: string;
}

/** Each line of the page's shell blocks with the names of this cluster. A command that fails fails the test. */
async function follow(page: string, names: Record<string, string>): Promise<Step[]> {
	const text = readFileSync(new URL(`../../docs/operations/${page}.md`, import.meta.url), "utf8");
	const lines = [...text.matchAll(/^ *```sh\n(.*?)^ *```$/gms)].flatMap(([, block]) => block!.trim().split("\n"));
	const steps: Step[] = [];
	for (const line of lines) {
		const command = line.trim().replace(/<([^>]+)>/g, (_, name: string) => names[name] ?? `<${name}>`);
		expect(command, "each name of the page is known").not.toContain("<");
		steps.push({ command, output: await run(command) });
	}
	return steps;
}

async function run(command: string): Promise<string> {
	const [program, ...words] = command.split(" ");
	if (program === "kubectl") {
		return rehearsal.kubectl(...words);
	}
	if (program === "ssh") {
		return rehearsal.onNode(
			words[0]!.replace("ops@", ""),
			words
				.slice(1)
				.join(" ")
				.replace(/^sudo /, ""),
		);
	}
	const refresh = words.includes("--refresh");
	const result = words[0] === "up" ? await rehearsal.up({}, { refresh }) : await rehearsal.preview({}, { refresh });
	expect([program, complaints(result)]).toEqual(["pulumi", ""]);
	return `${changeCount(result)} changes`;
}

const outputOf = (steps: Step[], command: RegExp) => steps.find((step) => command.test(step.command))?.output;

test("a worker whose RKE2 has ended is ready again after the steps of its page", async () => {
	await rehearsal.onNode(worker, "systemctl stop rke2-agent");
	await rehearsal.kubectl("cordon", worker);
	await eventually(async () => {
		expect(await rehearsal.kubectl("get", "nodes", worker)).toContain("NotReady");
	}, 120);
	const steps = await follow("node-not-ready", { node: worker });
	expect(outputOf(steps, /get nodes/)).toMatch(/proj-k8sw01 +NotReady,SchedulingDisabled/);
	expect(outputOf(steps, /describe node/)).toContain("NodeStatusUnknown");
	expect(outputOf(steps, /systemctl show/)).toContain("ActiveState=inactive");
	expect(outputOf(steps, /kubectl wait/)).toContain("condition met");
	expect(outputOf(steps, /pulumi preview/)).toBe("0 changes");
	expect(await rehearsal.kubectl("get", "nodes", worker)).toMatch(/proj-k8sw01 +Ready /);
});

test("the steps of the network's page lead from the API to a policy that somebody has deleted", async () => {
	const [policy] = (await rehearsal.kubectl("get", "networkpolicies", "--namespace", "monitoring", "--output", "name"))
		.trim()
		.split("\n");
	await rehearsal.kubectl("delete", policy!, "--namespace", "monitoring");
	const steps = await follow("network", { node: worker, "control plane": server, namespace: "monitoring" });
	expect(steps.filter(({ command }) => command.endsWith("/readyz")).map(({ output }) => output)).toEqual(["ok", "ok"]);
	expect(outputOf(steps, /ip -brief/)).toContain(` ${rehearsal.stack.cluster.api.address}/`);
	expect(outputOf(steps, /get services/)).toContain("traefik");
	expect(outputOf(steps, /pulumi preview/)).not.toBe("0 changes");
	expect(await rehearsal.kubectl("get", policy!, "--namespace", "monitoring", "--output", "name")).not.toBe("");
});

test("the steps of the page about exhaustion show what is used, and remove the snapshots of a person", async () => {
	const save = "sh -c 'for n in 1 2 3 4 5 6; do /usr/local/bin/rke2 etcd-snapshot save; sleep 1; done'";
	await rehearsal.onNode(server, save);
	const steps = await follow("exhaustion", { node: worker, "control plane": server, namespace: "monitoring" });
	expect(outputOf(steps, /describe resourcequotas/)).toMatch(/requests\.cpu +\d/);
	expect(outputOf(steps, /df --human-readable/)).toContain("%");
	expect(outputOf(steps, /etcd-snapshot list/)?.match(/on-demand-\S+/g)?.length).toBeGreaterThanOrEqual(6);
	const left = await rehearsal.onNode(server, "/usr/local/bin/rke2 etcd-snapshot list");
	expect(new Set(left.match(/on-demand-proj\S+/g)).size).toBe(5);
});
