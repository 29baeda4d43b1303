/**
 * The live checks of the policies on machines, as an administrator runs them: the files that the program and RKE2 leave
 * there, and the arguments of the kube-apiserver that runs. The steps build on one another.
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AssessedControl, assess } from "../../policies/compliance/assess.ts";
import { rke2ApiServerArguments } from "../../policies/rules/rke2-api-server-arguments.ts";
import { Rehearsal } from "../../rehearsal/rehearsal.ts";

const without = Object.fromEntries(
	["proj-k8sm02", "proj-k8sm03", "proj-k8sw03", "proj-k8sw04", "proj-k8sw05"].map((name) => [name, null]),
);

let rehearsal: Rehearsal;
/** What the check printed, of all nodes together: the file that `compliance --live` takes. */
let live: string;

beforeAll(async () => {
	rehearsal = await Rehearsal.open({
		name: "test-live",
		engine: "embedded",
		stack: "lab",
		change: { nodes: without },
		say: () => undefined,
	});
	const { diagnostics } = await rehearsal.up();
	expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
	const printed = [await check("proj-k8sm01", "server")];
	for (const worker of ["proj-k8sw01", "proj-k8sw02"]) {
		printed.push(await check(worker, "agent"));
	}
	live = printed.join("");
});

afterAll(async () => {
	await rehearsal?.close();
});

/** Ends with 1 when a file fails, which is a result here. */
function check(node: string, role: "server" | "agent"): Promise<string> {
	const [script, table] = ["check-node.sh", "files.tsv"].map((name) =>
		readFileSync(new URL(`../../policies/live/${name}`, import.meta.url)).toString("base64"),
	);
	const command = `echo ${table} | base64 -d | sh -c "$(echo ${script} | base64 -d)" check-node.sh ${role} || [ $? = 1 ]`;
	return rehearsal.onNode(node, `sh -c '${command}'`);
}

/** The controls that the nodes decide, by their result. */
function controls(printed: string, result: AssessedControl["result"]): string[] {
	return assess(new Map(), printed)
		.controls.filter((control) => control.decidedBy.startsWith("live check") && control.result === result)
		.map(({ id }) => id);
}

test("what the stand-in has of RKE2's files passes", () => {
	expect(live.split("\n").filter((line) => line.includes(" fail "))).toEqual([]);
	expect(controls(live, "fail")).toEqual([]);
	expect(controls(live, "pass")).toEqual(expect.arrayContaining(["1.1.1", "1.1.12", "1.1.21", "4.1.5", "4.1.8"]));
});

// It starts etcd itself instead of as a static pod, has no container network and no kube-proxy.
test("what it does not have stays open, for the real cluster", () => {
	expect(controls(live, "open")).toEqual(["1.1.7", "1.1.8", "1.1.9", "1.1.10", "4.1.3", "4.1.4"]);
});

test("the API server that runs has what the rules ask for before there is one", async () => {
	const commandLine = await rehearsal.onNode("proj-k8sm01", "sh -c 'cat /proc/$(pidof -s kube-apiserver)/cmdline'");
	const running = new Map(
		commandLine.split("\0").flatMap((text) => {
			const [, name, value = ""] = /^--([^=]+)=?(.*)$/s.exec(text) ?? [];
			return name === undefined ? [] : [[name, value] as const];
		}),
	);
	// An argument without an allowed value is RKE2's own to give; the defaults that run here are the stand-in's.
	const limits = rke2ApiServerArguments.limits.filter(({ allowed }) => allowed);
	const judged = limits.filter(({ argument }) => running.has(argument));
	expect(judged.map(({ control }) => control)).toEqual([
		"1.2.1",
		"1.2.6",
		"1.2.7",
		"1.2.8",
		"1.2.15",
		"1.2.17",
		"1.2.18",
		"1.2.19",
		"1.2.29",
		"1.2.30",
	]);
	const broken = judged.filter(({ argument, permits }) => !permits(running.get(argument)!));
	expect(broken.map(({ control, argument }) => `${control} ${argument}=${running.get(argument)}`)).toEqual([]);
});

test("a file that somebody opened to others fails its control, and no other", async () => {
	await rehearsal.onNode("proj-k8sw02", "chmod 0644 /var/lib/rancher/rke2/agent/kubelet.kubeconfig");
	expect(controls(live + (await check("proj-k8sw02", "agent")), "fail")).toEqual(["4.1.5"]);
});
