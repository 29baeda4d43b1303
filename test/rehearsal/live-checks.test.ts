/**
 * The live checks of the controls on machines, as an administrator runs them: files of the program and of RKE2, and arguments
 * of API server, controller manager, scheduler and etcd. Each test continues from the state of the one before.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AssessedControl, assess } from "../../compliance/evidence/assess.ts";
import { liveControls } from "../../compliance/live/checks.ts";
import { oracles } from "../../compliance/oracles/oracles.ts";
import { rules } from "../../policies/rules/index.ts";
import { Rehearsal } from "../../rehearsal/rehearsal.ts";
import { errors, nodesOnly } from "./support/scenario.ts";

let rehearsal: Rehearsal;
/** The output of the check on all nodes, which is the file for `compliance --live`. */
let live: string;

beforeAll(async () => {
	rehearsal = await Rehearsal.open({
		name: "test-live",
		stack: "lab",
		policies: false,
		change: nodesOnly("proj-k8sm01", "proj-k8sw01", "proj-k8sw02"),
		say: () => undefined,
	});
	expect(errors(await rehearsal.up())).toEqual([]);
	const printed = [await check("proj-k8sm01", "server")];
	for (const worker of ["proj-k8sw01", "proj-k8sw02"]) {
		printed.push(await check(worker, "agent"));
	}
	live = printed.join("");
});

afterAll(async () => {
	await rehearsal?.close();
});

/** The script and its tables in one pipe. The check ends with 1 when a file fails, which is a result here. */
function check(node: string, role: "server" | "agent"): Promise<string> {
	const parts = ["check-node.sh", "files.tsv", "arguments.tsv"].map((name) =>
		readFileSync(new URL(`../../compliance/live/${name}`, import.meta.url)).toString("base64"),
	);
	const command = `for part in ${parts.join(" ")}; do echo $part | base64 -d; done | bash -s ${role} || [ $? = 1 ]`;
	return rehearsal.onNode(node, `sh -c '${command}'`);
}

const nodes = [
	{ name: "proj-k8sm01", role: "server" },
	{ name: "proj-k8sw01", role: "agent" },
	{ name: "proj-k8sw02", role: "agent" },
] as const;
/** Without a rule: the nodes alone decide here. */
const withoutRules = {
	rules: [],
	verdicts: new Map(),
	applicability: new Map(),
	mandatory: new Set<string>(),
	deviations: [],
	today: "2026-12-01",
};

/** Controls that the live checks decide, with one result. */
function controls(printed: string, result: AssessedControl["result"]): string[] {
	return assess({ ...withoutRules, nodes, live: printed })
		.controls.filter((control) => control.decidedBy.startsWith("live check") && control.result === result)
		.map(({ id }) => id);
}

test("the checks pass for RKE2's files that the double writes", () => {
	expect(live.split("\n").filter((line) => line.includes(" fail "))).toEqual([]);
	expect(controls(live, "fail")).toEqual([]);
	expect(controls(live, "pass")).toEqual(
		expect.arrayContaining(["1.1.1", "1.1.9", "1.1.10", "1.1.12", "1.1.13", "1.1.21", "4.1.5", "4.1.8"]),
	);
	expect(live).toContain("proj-k8sw02 1.1.9 pass /var/lib/cni/networks/k8s-pod-network/lock 750\n");
});

// The double runs etcd as a process instead of a static pod, and has no kube-proxy.
test("the checks stay open for files that the double does not write", () => {
	expect(controls(live, "open")).toEqual(["1.1.7", "1.1.8", "4.1.3", "4.1.4"]);
});

test("the control plane and etcd run with the arguments that the policies require", () => {
	const judged = liveControls(readFileSync(new URL("../../compliance/live/arguments.tsv", import.meta.url), "utf8"));
	// No kubelet runs here.
	const running = judged.filter((control) => !control.startsWith("4."));
	const results = running.map((control) => {
		const lines = live.split("\n").filter((line) => line.split(" ")[1] === control);
		return [control, [...new Set(lines.map((line) => line.split(" ")[2]))].join(" ")];
	});
	expect(results).toEqual(running.map((control) => [control, "pass"]));
	expect(running.length).toBeGreaterThan(40);
});

const kubeBench = process.env.KUBE_BENCH;
const configuration = process.env.KUBE_BENCH_CONFIG ?? "/etc/kube-bench/cfg";

describe.runIf(kubeBench)("kube-bench on the nodes", () => {
	test.each([
		["proj-k8sm01", "server", "master,etcd,controlplane,node,policies"],
		["proj-k8sw01", "agent", "node"],
	] as const)("%s agrees with the live check, beside the listed differences", async (node, role, targets) => {
		const theirs = await verdictsOfKubeBench(node, targets);
		expect(theirs.size).toBe(role === "server" ? 131 : 25);
		const ours = Map.groupBy(
			live.split("\n").filter((line) => line.startsWith(`${node} `)),
			(line) => line.split(" ")[1]!,
		);
		const disagreeing = [...theirs].filter(([id, verdict]) => {
			const results = (ours.get(id) ?? []).map((line) => line.split(" ")[2]);
			const own = results.includes("fail") ? "FAIL" : results.includes("pass") ? "PASS" : undefined;
			return own === undefined ? verdict === "FAIL" : ["PASS", "FAIL"].includes(verdict) && verdict !== own;
		});
		const listed = oracles(rules).find(({ name }) => name === "kube-bench")!.differences;
		expect(disagreeing.map(([id]) => id)).toEqual(
			listed.filter(({ objects }) => objects.includes(role)).map(({ check }) => check),
		);
	});
});

if (!kubeBench) {
	test("nobody compared kube-bench's verdicts: put its path into KUBE_BENCH, and that of its cfg into KUBE_BENCH_CONFIG", (context) => {
		context.skip();
	});
}

/** What kube-bench says of each control, with the release's checks of cis-1.12. The machine gets it by the mirror. */
async function verdictsOfKubeBench(node: string, targets: string): Promise<Map<string, string>> {
	const { run, stack } = rehearsal;
	const archive = join(run.directory, "artifacts", "kube-bench.tar");
	await copyFile(kubeBench!, join(run.directory, "kube-bench"));
	spawnSync("tar", [
		"--create",
		"--file",
		archive,
		"-C",
		run.directory,
		"kube-bench",
		"-C",
		join(configuration, ".."),
		"cfg",
	]);
	const command = `./kube-bench run --targets ${targets} --benchmark cis-1.12 --config-dir cfg --json`;
	const download = `curl --fail --silent ${stack.cluster.artifacts!.url}/kube-bench.tar | tar --extract`;
	const printed = await rehearsal.onNode(node, `sh -c 'cd /root && ${download} && ${command}'`);
	const { Controls } = JSON.parse(printed) as {
		Controls: { tests: { results: { test_number: string; status: string }[] }[] }[];
	};
	return new Map(
		Controls.flatMap(({ tests }) => tests.flatMap(({ results }) => results)).map(({ test_number, status }) => [
			test_number,
			status,
		]),
	);
}

test("a control stays open when not every node of its kind was checked", () => {
	const partly = live.split("\n").filter((line) => !line.startsWith("proj-k8sw02 "));
	expect(controls(partly.join("\n"), "open")).toEqual(expect.arrayContaining(["4.1.5", "4.1.6", "4.1.7", "4.1.8"]));
});

test.each([
	["/var/lib/rancher/rke2/server/tls/etcd/peer-ca.key", "1.1.21"],
	["/var/lib/rancher/rke2/server/cred/encryption-config.json", "1.1.21"],
	["/etc/rancher/rke2/token", "1.1.21"],
	["/etc/rancher/rke2/admission.yaml", "1.1.21"],
	["/usr/local/lib/rke2-lab/converge.sh", "4.1.5"],
])("a file that everybody may write fails: %s", async (path, control) => {
	const mode = (await rehearsal.onNode("proj-k8sm01", `stat -c %a ${path}`)).trim();
	await rehearsal.onNode("proj-k8sm01", `chmod 0666 ${path}`);
	const failed = (await check("proj-k8sm01", "server")).split("\n").filter((line) => line.includes(" fail "));
	await rehearsal.onNode("proj-k8sm01", `chmod ${mode} ${path}`);
	expect(failed).toEqual([`proj-k8sm01 ${control} fail ${path} 666`]);
});

test("only the control of a file fails when others may read the file", async () => {
	await rehearsal.onNode("proj-k8sw02", "chmod 0644 /var/lib/rancher/rke2/agent/kubelet.kubeconfig");
	expect(controls(live + (await check("proj-k8sw02", "agent")), "fail")).toEqual(["4.1.5"]);
});
