/** The lab's stack: previews, up, verification, a change and destroy. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EngineResult, EngineStep } from "../../rehearsal/engine/engine.ts";
import { Rehearsal, type RehearsalEnd } from "../../rehearsal/rehearsal.ts";
import { changeCount } from "../../rehearsal/report/result.ts";
import type { ClusterReport } from "../../rehearsal/verify/cluster.ts";
import { errors } from "./support/scenario.ts";

describe("the lab", () => {
	const steps: EngineStep[] = [];
	let rehearsal: Rehearsal;
	let preview: EngineResult;
	let up: EngineResult;
	let secondPreview: EngineResult;
	let cluster: ClusterReport;
	let reconfigured: EngineResult;
	const services: Record<string, string> = {};
	let sources: unknown[];
	const rolling: EngineStep[] = [];
	let destroyed: EngineResult;
	let end: RehearsalEnd | undefined;

	beforeAll(async () => {
		rehearsal = await Rehearsal.open({
			name: "test-lab",
			stack: "lab",
			say: () => undefined,
			onStep: (step) => steps.push(step),
		});
		preview = await rehearsal.preview();
		steps.length = 0;
		up = await rehearsal.up();
		if (up.succeeded) {
			secondPreview = await rehearsal.preview();
			cluster = await rehearsal.verify();
			services.before = await tryServices();
			sources = await sourcesOfDns();
			const before = steps.length;
			reconfigured = await rehearsal.up({
				cluster: { etcdSnapshots: { retention: 14 } },
				platform: { namespaces: { ollama: { services: ["NodePort"] } } },
			});
			rolling.push(...steps.slice(before));
			services.allowed = await tryServices();
			services.withdrawn = await withdrawServices();
		}
		destroyed = await rehearsal.destroy();
		end = await rehearsal.close();
	});

	afterAll(async () => {
		if (!end) {
			await rehearsal?.close();
		}
	});

	/** Answers of the API server to one Service of each kind in a namespace. */
	async function tryServices(): Promise<string> {
		const named = ["--tcp=80:8080", "--namespace", "ollama", "--dry-run=server"];
		const kinds = [
			["clusterip", "inside", ...named],
			["nodeport", "outside", ...named],
			["loadbalancer", "outside", ...named],
			["externalname", "elsewhere", "--external-name=example.org", ...named.slice(1)],
		];
		const answers = await Promise.all(kinds.map((kind) => said(rehearsal.kubectl("create", "service", ...kind))));
		const stolen = JSON.stringify({ spec: { externalIPs: ["10.25.10.13"] } });
		const patch = ["patch", "service", "kubernetes", "--namespace=default", "--type=merge", "-p", stolen];
		answers.push(await said(rehearsal.kubectl(...patch, "--dry-run=server")));
		return answers.join("\n");
	}

	/** After its kind is no longer allowed, an existing Service can still change, and a new one is refused. */
	async function withdrawServices(): Promise<string> {
		const ollama = ["--namespace", "ollama"];
		await rehearsal.kubectl("create", "service", "nodeport", "early", "--tcp=80:8080", ...ollama);
		await rehearsal.kubectl("label", "namespace", "ollama", "services.rke2-lab/NodePort-");
		await rehearsal.kubectl("label", "service", "early", "touched=yes", ...ollama);
		return said(rehearsal.kubectl("create", "service", "nodeport", "late", "--tcp=80:8080", ...ollama));
	}

	async function sourcesOfDns(): Promise<unknown[]> {
		const policy = ["get", "networkpolicy", "default-network-dns-policy", "--namespace", "kube-system"];
		return JSON.parse(await rehearsal.kubectl(...policy, "--output", "json")).spec.ingress[0].from;
	}

	test("a Service that bypasses the ingress or leaves the cluster is refused when its namespace does not allow it", () => {
		const refusal = (type: string) =>
			new RegExp(`a Service of type ${type} is not allowed here: .* add ${type} to platform`);
		expect(services.before).toContain("service/inside created");
		for (const type of ["NodePort", "LoadBalancer", "ExternalName"]) {
			expect(services.before).toMatch(refusal(type));
		}
		expect(services.before).toMatch(/externalIPs.*not allowed|Use of external IPs is denied/i);
		expect(services.allowed).toContain("service/outside created");
		expect(services.allowed).not.toMatch(refusal("NodePort"));
		expect(services.allowed).toMatch(refusal("LoadBalancer"));
		expect(services.withdrawn).toMatch(refusal("NodePort"));
	});

	test("RKE2's own policy for CoreDNS has sources", () => {
		expect(sources).toContainEqual({ namespaceSelector: {} });
		expect(sources).toContainEqual({ ipBlock: { cidr: "10.25.20.4/32" } });
	});

	test("up creates as many resources as the preview announced", () => {
		expect(errors(up)).toEqual([]);
		expect(up.succeeded).toBe(true);
		expect(up.changes.create).toBe(preview.changes.create);
	});

	test("no policy is violated or skipped for an unknown value", () => {
		const broken = preview.policies.violations.filter(({ policy }) => policy !== "accepted-exceptions");
		expect(broken).toEqual([]);
		expect(preview.policies.skipped).toEqual([]);
		expect(preview.policies.evaluated).toBeGreaterThan(100);
	});

	test("a second preview is empty", () => {
		expect(changeCount(secondPreview)).toBe(0);
	});

	test("the cluster is as the stack file requires", () => {
		expect(cluster.problems).toEqual([]);
		expect(cluster).toMatchObject({ apiAddress: "10.25.20.29", nodesReady: 8, etcdVoters: 3 });
		expect(cluster.releases.map(({ name, version, status }) => `${name} ${version} ${status}`).sort()).toEqual([
			"cert-manager v1.21.1 deployed",
			"gpu-operator v26.7.0 deployed",
			"metallb 0.16.1 deployed",
			"traefik 41.3.0 deployed",
		]);
	});

	test("servers join one after the other, and after the first member", () => {
		const joins = ["proj-k8sm01", "proj-k8sm02", "proj-k8sm03"].map((node) => span(steps, `${node}-join`));
		expect(span(steps, "cluster-seed").succeeded).toBeLessThan(joins[0]!.started);
		expect(joins[0]!.succeeded).toBeLessThan(joins[1]!.started);
		expect(joins[1]!.succeeded).toBeLessThan(joins[2]!.started);
	});

	test("workers join in parallel, after the last server", () => {
		const workers = ["01", "02", "03", "04", "05"].map((number) => span(steps, `proj-k8sw${number}-join`));
		const lastServer = span(steps, "proj-k8sm03-join").succeeded;
		expect(Math.min(...workers.map(({ started }) => started))).toBeGreaterThan(lastServer);
		expect(Math.max(...workers.map(({ started }) => started))).toBeLessThan(
			Math.min(...workers.map(({ succeeded }) => succeeded)),
		);
	});

	test("convergence is one chain over all nodes, control planes first", () => {
		const chain = ["m01", "m02", "m03", "w01", "w02", "w03", "w04", "w05"].map((node) =>
			span(steps, `proj-k8s${node}-converge`),
		);
		for (const [index, { started }] of chain.entries()) {
			expect(started).toBeGreaterThan(index === 0 ? 0 : chain[index - 1]!.succeeded);
		}
	});

	test("servers change one after the other and nothing is replaced when the configuration changes", () => {
		expect(errors(reconfigured)).toEqual([]);
		// The three servers, and the namespace that allows another kind of Service.
		expect(reconfigured.changes).toMatchObject({ create: 0, update: 4, replace: 0, delete: 0 });
		const turns = ["proj-k8sm01", "proj-k8sm02", "proj-k8sm03"].map((node) => span(rolling, `${node}-converge`));
		expect(turns[0]!.succeeded).toBeLessThan(turns[1]!.started);
		expect(turns[1]!.succeeded).toBeLessThan(turns[2]!.started);
	});

	test("destroy leaves no machine, volume, process, mount or namespace", () => {
		expect(destroyed.succeeded).toBe(true);
		expect(end).toEqual({ vms: 0, volumes: 0, processes: 0, mounts: 0, namespaces: 0 });
	});
});

/** Positions of a step's start and end in the sequence of events. */
function span(steps: readonly EngineStep[], name: string): { started: number; succeeded: number } {
	const position = (phase: EngineStep["phase"]) =>
		steps.findIndex((step) => step.urn.endsWith(`::${name}`) && step.phase === phase);
	const found = { started: position("started"), succeeded: position("succeeded") };
	expect(Math.min(found.started, found.succeeded), `${name} was started and succeeded`).toBeGreaterThanOrEqual(0);
	return found;
}

/** The output of a command, or its error message. */
function said(command: Promise<string>): Promise<string> {
	return command.catch((error: Error) => error.message);
}
