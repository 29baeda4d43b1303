import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { parseStack } from "../../src/config/parse.ts";
import { parseBundle } from "../../src/rke2/bundle.ts";
import { labValues } from "../unit/config/lab.ts";
import { authorityHash, type Recording, recordCluster, secrets } from "./cluster-recorder.ts";

const stack = parseStack(labValues()).value!;
const controlPlanes = ["proj-k8sm01", "proj-k8sm02", "proj-k8sm03"];
const workers = ["proj-k8sw01", "proj-k8sw02", "proj-k8sw03", "proj-k8sw04", "proj-k8sw05"];
const nodes = [...controlPlanes, ...workers];
const perNode = ["toolkit", "prepare", "token", "join", "converge"];
const remoteCommands = [
	...nodes.flatMap((node) => perNode.map((step) => `${node}-${step}`)),
	"cluster-seed",
	"cluster-seed-token",
	"cluster-kubeconfig",
];

let recording: Recording;
beforeAll(async () => {
	recording = await recordCluster(stack);
});

const command = (name: string) => recording.command(name);
const waitsFor = (name: string, other: string) => recording.waitsFor(name, other);
const valueOf = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => output.apply(resolve));

function configIn(stdin: unknown) {
	const files = parseBundle(String(stdin));
	return parse(files.find(({ path }) => path === "/etc/rancher/rke2/config.yaml")!.content, { version: "1.1" });
}

describe("every command on a node", () => {
	test("is one of those that the cluster consists of", () => {
		const names = [...recording.resources.values()]
			.filter(({ type }) => type === "command:remote:Command")
			.map(({ name }) => name);
		expect(names.sort()).toEqual([...remoteCommands].sort());
	});

	test.each(remoteCommands)("%s runs as root within a time limit, and tells no secret by its command line", (name) => {
		const { create } = command(name).inputs;
		expect(create).toMatch(/^sudo -n timeout --kill-after=10 \d+ (bash -s$|\/usr\/local\/lib\/rke2-lab\/[a-z]+\.sh )/);
		expect(create).not.toContain(secrets.token);
	});

	test.each(remoteCommands)("%s has neither triggers nor a delete, and sends no earlier output back", (name) => {
		const { inputs } = command(name);
		expect(inputs).not.toHaveProperty("triggers");
		expect(inputs).not.toHaveProperty("delete");
		expect(inputs).toMatchObject({ addPreviousOutputInEnv: false });
	});

	test.each(remoteCommands)("%s does not run again because the connection changed", (name) => {
		expect(command(name).options.ignoreChanges).toContain("connection");
	});

	test.each(nodes.flatMap((node) => perNode.map((step) => [node, step] as const)))(
		"%s-%s connects to its own machine with the host key that was learned",
		(node, step) => {
			expect(command(`${node}-${step}`).inputs.connection).toMatchObject({
				host: stack.nodes[node]!.address,
				user: "admin",
				hostKey: `stdout of ${node}-host-key`,
				privateKey: secrets.privateKey,
			});
		},
	);
});

describe("what a reviewer and a policy see", () => {
	test.each(nodes.flatMap((node) => [`${node}-join`, `${node}-converge`]))(
		"%s carries config.yaml in text that is known before anything runs",
		(name) => {
			const { stdin } = command(name).given;
			expect(stdin).toBeTypeOf("string");
			expect(configIn(stdin)).toMatchObject({ profile: "cis", "node-name": name.replace(/-\w+$/, "") });
		},
	);

	test("the seed carries the same files as the join of its server", () => {
		expect(command("cluster-seed").given.stdin).toBe(command("proj-k8sm01-join").given.stdin);
	});

	test("the token travels as a secret of its own, on standard input", async () => {
		for (const name of ["cluster-seed-token", ...nodes.map((node) => `${node}-token`)]) {
			const stdin = command(name).given.stdin as pulumi.Output<string>;
			expect(await pulumi.isSecret(stdin)).toBe(true);
			expect(await valueOf(stdin)).toBe(secrets.token);
		}
	});
});

describe("a machine", () => {
	test.each(nodes)("%s is waited for, given the toolkit, then prepared", (node) => {
		expect(command(`${node}-host-key`).dependsOn).toEqual([`machine-${node}`]);
		expect(command(`${node}-toolkit`).dependsOn).toEqual([`machine-${node}`]);
		expect(command(`${node}-prepare`).dependsOn).toEqual([`${node}-toolkit`]);
	});

	test("is prepared beside the others, not after them", () => {
		expect(waitsFor("proj-k8sw05-prepare", "proj-k8sm01-prepare")).toBe(false);
	});

	test("gets the release by its escaped URL and its checksum", () => {
		expect(command("proj-k8sm02-prepare").inputs.create).toContain(
			`prepare.sh proj-k8sm02 server v1.35.7+rke2r1 https://github.com/rancher/rke2/releases/download/v1.35.7%2Brke2r1/rke2.linux-amd64.tar.gz ${"a".repeat(64)}`,
		);
		expect(command("proj-k8sw02-prepare").inputs.create).toContain("prepare.sh proj-k8sw02 agent v1.35.7+rke2r1 ");
	});

	test("keeps its host key in the state, whatever becomes of the script that learned it", () => {
		expect(command("proj-k8sm01-host-key").inputs.create).toBe("bash -s -- proj-k8sm01 10.25.20.4 600");
		expect(command("proj-k8sm01-host-key").options.ignoreChanges).toEqual(["create", "stdin", "logging"]);
	});
});

describe("the seed", () => {
	test("names the virtual address and the other servers, to refuse a second cluster", () => {
		expect(command("cluster-seed").inputs.create).toMatch(
			/ \S+\/seed\.sh proj-k8sm01 v1\.35\.7\+rke2r1 10\.25\.20\.29 10\.25\.20\.5 10\.25\.20\.6$/,
		);
	});

	test("comes after every control plane is prepared and its own token is written, and waits for no worker", () => {
		expect(command("cluster-seed").dependsOn).toEqual([
			"cluster-seed-token",
			...controlPlanes.map((node) => `${node}-prepare`),
		]);
	});

	test("never runs again and belongs to no machine", () => {
		const { options } = command("cluster-seed");
		expect(options.ignoreChanges).toEqual(expect.arrayContaining(["create", "stdin", "connection"]));
		expect(options.parent).toBe(recording.cluster);
	});
});

describe("membership", () => {
	test.each(nodes)("%s gets the token with the hash of the cluster's authority, once there is one", (node) => {
		expect(command(`${node}-token`).inputs.create).toMatch(new RegExp(`token\\.sh ${node} ${authorityHash}$`));
		expect(command(`${node}-token`).dependsOn).toEqual(["cluster-seed", `${node}-prepare`]);
	});

	test("servers join one after another", () => {
		expect(command("proj-k8sm01-join").dependsOn).toEqual(["proj-k8sm01-token"]);
		expect(command("proj-k8sm02-join").dependsOn).toEqual(["proj-k8sm01-join", "proj-k8sm02-token"]);
		expect(command("proj-k8sm03-join").dependsOn).toEqual(["proj-k8sm02-join", "proj-k8sm03-token"]);
	});

	test.each(workers)("%s joins after the last server and beside the other workers", (worker) => {
		expect(command(`${worker}-join`).dependsOn).toEqual(["proj-k8sm03-join", `${worker}-token`]);
	});

	test.each(nodes)("%s joins once: a change of its files or of the version is not the join's", (node) => {
		expect(command(`${node}-join`).options.ignoreChanges).toEqual(["create", "stdin", "connection"]);
	});
});

describe("convergence", () => {
	test("begins when all nodes are members", () => {
		expect(command("proj-k8sm01-converge").dependsOn).toEqual([
			...nodes.map((node) => `${node}-join`),
			"proj-k8sm01-prepare",
		]);
	});

	test("takes one node after another, control planes first, each with its release at hand", () => {
		for (const [index, node] of nodes.entries()) {
			const before = nodes[index - 1];
			if (before) {
				expect(command(`${node}-converge`).dependsOn).toEqual([`${before}-converge`, `${node}-prepare`]);
			}
		}
	});

	test.each(nodes)("of %s follows changes of its files and its version, by updates", (node) => {
		const { options, inputs } = command(`${node}-converge`);
		expect(options.ignoreChanges).toEqual(["connection"]);
		expect(options).not.toHaveProperty("replaceOnChanges");
		const role = controlPlanes.includes(node) ? "server" : "agent";
		expect(inputs.create).toMatch(new RegExp(`converge\\.sh ${node} ${role} v1\\.35\\.7\\+rke2r1$`));
	});

	test("is what others wait for", async () => {
		const urns = await Promise.all(recording.cluster.ready.map(({ urn }) => valueOf(urn)));
		expect(urns.map((urn) => urn.split("::").at(-1))).toEqual(nodes.map((node) => `${node}-converge`));
	});
});

describe("the kubeconfig", () => {
	test("is a secret that names the virtual address and the cluster", async () => {
		const { kubeconfig, apiEndpoint } = recording.cluster;
		expect(await pulumi.isSecret(kubeconfig)).toBe(true);
		expect(apiEndpoint).toBe("https://10.25.20.29:6443");
		expect(parse(await valueOf(kubeconfig))).toMatchObject({
			clusters: [{ name: "astronomy-lab", cluster: { server: "https://10.25.20.29:6443" } }],
			"current-context": "astronomy-lab",
		});
	});

	test("is printed to no log and is no clear text in the state", () => {
		const { inputs, options } = command("cluster-kubeconfig");
		expect(inputs.logging).toBe("none");
		expect(options.additionalSecretOutputs).toEqual(["stdout", "stderr"]);
	});

	test("is read after every server has joined", () => {
		expect(waitsFor("cluster-kubeconfig", "proj-k8sm03-join")).toBe(true);
	});
});

test("a host key that the administrator knows is the only one that is accepted, and checked before anything is sent", async () => {
	const known = `ssh-ed25519 ${"A".repeat(68)}`;
	const pinned = { ...stack, ssh: { ...stack.ssh, hostKeys: { "proj-k8sw01": known } } };
	const { command } = await recordCluster(pinned);
	expect(command("proj-k8sw01-host-key").inputs.create).toBe(`bash -s -- proj-k8sw01 10.25.20.7 600 '${known}'`);
	expect(command("proj-k8sw01-toolkit").inputs.connection).toMatchObject({ hostKey: known });
});

test("a single control plane makes a cluster too", async () => {
	const { "proj-k8sm01": only, "proj-k8sw01": worker } = stack.nodes;
	const { command } = await recordCluster({ ...stack, nodes: { "proj-k8sm01": only!, "proj-k8sw01": worker! } });
	expect(command("cluster-seed").inputs.create).toMatch(/seed\.sh proj-k8sm01 v1\.35\.7\+rke2r1 10\.25\.20\.29$/);
	expect(command("proj-k8sw01-join").dependsOn).toEqual(["proj-k8sm01-join", "proj-k8sw01-token"]);
});
