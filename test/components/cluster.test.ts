import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { Rke2Cluster } from "../../components/cluster/cluster.ts";
import { refuseUnsupportedChanges } from "../../components/cluster/unsupported-changes.ts";
import { parseStack } from "../../src/config/parse.ts";
import type { StackConfig } from "../../src/config/schema.ts";
import { parseBundle } from "../../src/rke2/bundle.ts";
import { labValues } from "../unit/config/lab.ts";
import { type RecordOptions, type Registration, record, unknown } from "./recorder.ts";

const clusterToken = "t0ken".repeat(8);
const proxmoxApiToken = "rke2-astronomy-lab@pve!pulumi=22222222";
const sshPrivateKey = "-----BEGIN OPENSSH PRIVATE KEY-----";
const authorityHash = "c".repeat(64);
const serverKubeconfig = `
clusters: [{name: default, cluster: {server: "https://127.0.0.1:6443", certificate-authority-data: Y2E=}}]
users: [{name: default, user: {client-key-data: a2V5}}]
contexts: [{name: default, context: {cluster: default, user: default}}]
`;

const stack = parseStack(labValues()).value!;
const controlPlanes = ["proj-k8sm01", "proj-k8sm02", "proj-k8sm03"];
const workers = ["proj-k8sw01", "proj-k8sw02", "proj-k8sw03", "proj-k8sw04", "proj-k8sw05"];
const nodes = [...controlPlanes, ...workers];
const perNode = ["toolkit", "prepare", "token", "join", "converge"];
const ofTheCluster = ["cluster-seed", "cluster-seed-token", "cluster-kubeconfig"];
const remoteCommands = [...nodes.flatMap((node) => perNode.map((step) => `${node}-${step}`)), ...ofTheCluster];

const stdouts: Record<string, string> = { "cluster-seed": authorityHash, "cluster-kubeconfig": serverKubeconfig };
const created: RecordOptions = { outputs: (name) => ({ stdout: stdouts[name] ?? `stdout of ${name}` }) };

/** A cluster whose machines are resources of the names `machine-<node>`. */
class Recording {
	readonly cluster: Rke2Cluster;
	readonly resources: Registration[];

	private constructor(cluster: Rke2Cluster, resources: Registration[]) {
		this.cluster = cluster;
		this.resources = resources;
	}

	static async of(
		from: StackConfig,
		options: RecordOptions = created,
		registryCredentials?: string,
	): Promise<Recording> {
		let cluster: Rke2Cluster | undefined;
		const resources = await record(() => {
			cluster = new Rke2Cluster("cluster", {
				stack: from,
				machines: Object.fromEntries(Object.keys(from.nodes).map((node) => [node, new Machine(`machine-${node}`)])),
				sshPrivateKey: pulumi.secret(sshPrivateKey),
				proxmoxApiToken: pulumi.secret(proxmoxApiToken),
				clusterToken: pulumi.secret(clusterToken),
				registryCredentials: registryCredentials === undefined ? undefined : pulumi.secret(registryCredentials),
			});
		}, options);
		return new Recording(cluster!, resources);
	}

	command(name: string): Registration {
		const found = this.resources.filter((resource) => resource.name === name && resource.type.startsWith("command:"));
		expect(found, name).toHaveLength(1);
		return found[0]!;
	}

	/** Whether the one command comes after the other, over whatever is in between. */
	isAfter(name: string, other: string): boolean {
		const { dependsOn } = this.command(name);
		return dependsOn.some(
			(before) => before === other || (!before.startsWith("machine-") && this.isAfter(before, other)),
		);
	}
}

class Machine extends pulumi.CustomResource {
	constructor(name: string) {
		super("test:index:Machine", name);
	}
}

const recording = await Recording.of(stack);
const preview = await Recording.of(stack, { preview: true, outputs: () => ({ stdout: unknown }) });

const command = (name: string) => recording.command(name);
const isAfter = (name: string, other: string) => recording.isAfter(name, other);
const resolved = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => output.apply(resolve));

function configIn(stdin: unknown) {
	const files = parseBundle(stdin as string);
	return parse(files.find(({ path }) => path === "/etc/rancher/rke2/config.yaml")!.content, { version: "1.1" });
}

describe("every command on a node", () => {
	test("is one of those that the cluster consists of", () => {
		const names = recording.resources.filter(({ type }) => type === "command:remote:Command").map(({ name }) => name);
		expect(names.sort()).toEqual([...remoteCommands].sort());
	});

	test.each(remoteCommands)("%s runs as root within a time limit, and tells no secret by its command line", (name) => {
		const { create } = command(name).inputs;
		expect(create).toMatch(/^sudo -n timeout --kill-after=10 \d+ (bash -s$|\/usr\/local\/lib\/rke2-lab\/[a-z]+\.sh )/);
		expect(create).not.toContain(clusterToken);
	});

	test.each(remoteCommands)("%s has neither triggers nor a delete, and sends no earlier output back", (name) => {
		const { inputs } = command(name);
		expect(inputs).not.toHaveProperty("triggers");
		expect(inputs).not.toHaveProperty("delete");
		expect(inputs).toMatchObject({ addPreviousOutputInEnv: false });
	});

	test.each(remoteCommands)("%s does not run again because the connection changed", (name) => {
		expect(command(name).ignoreChanges).toContain("connection");
	});

	test.each(nodes)("of %s connects to that machine with the host key that was learned", (node) => {
		for (const step of perNode) {
			const connection = { host: stack.nodes[node]!.address, user: "admin", privateKey: sshPrivateKey };
			const hostKey = `stdout of ${node}-host-key`;
			expect(command(`${node}-${step}`).inputs.connection).toMatchObject({ secret: { ...connection, hostKey } });
		}
	});
});

describe("what a reviewer and a policy see in a preview", () => {
	test.each(remoteCommands.filter((name) => name !== "cluster-kubeconfig"))(
		"%s: nothing unknown on standard input, which policies read",
		(name) => {
			const { stdin } = preview.command(name).inputs;
			expect(stdin).toBeDefined();
			expect(JSON.stringify(stdin)).not.toContain(unknown);
		},
	);

	test.each(nodes.flatMap((node) => [`${node}-join`, `${node}-converge`]))("%s: config.yaml in clear text", (name) => {
		const { stdin } = preview.command(name).inputs;
		expect(configIn(stdin)).toMatchObject({ profile: "cis", "node-name": name.replace(/-\w+$/, "") });
	});

	test.each(["cluster-seed-token", ...nodes.map((node) => `${node}-token`)])("%s: a token that is secret", (name) => {
		expect(preview.command(name).inputs.stdin).toEqual({ secret: clusterToken });
	});
});

describe("a machine", () => {
	test.each(nodes)("%s is waited for, given the toolkit, then prepared", (node) => {
		expect(command(`${node}-host-key`).dependsOn).toEqual([`machine-${node}`]);
		expect(command(`${node}-toolkit`).dependsOn).toEqual(expect.arrayContaining([`machine-${node}`]));
		expect(isAfter(`${node}-toolkit`, `${node}-host-key`)).toBe(true);
		expect(isAfter(`${node}-prepare`, `${node}-toolkit`)).toBe(true);
	});

	test("is prepared beside the others, not after them", () => {
		const other = nodes.flatMap((node) => [`${node}-toolkit`, `${node}-prepare`]);
		const after = other.filter((name) => isAfter("proj-k8sw05-prepare", name));
		expect(after).toEqual(["proj-k8sw05-toolkit"]);
	});

	test("gets the release by its escaped URL and its checksum", () => {
		expect(command("proj-k8sm02-prepare").inputs.create).toContain(
			`prepare.sh proj-k8sm02 server v1.35.7+rke2r1 https://github.com/rancher/rke2/releases/download/v1.35.7%2Brke2r1/rke2.linux-amd64.tar.gz ${"a".repeat(64)}`,
		);
		expect(command("proj-k8sw02-prepare").inputs.create).toContain("prepare.sh proj-k8sw02 agent v1.35.7+rke2r1 ");
	});

	test("is told of the local volumes that its data disk has to hold, and how large the disk is", () => {
		expect(command("proj-k8sw02-prepare").inputs.create).toMatch(/ 8 850$/);
		expect(command("proj-k8sm02-prepare").inputs.create).toMatch(/ 0 0$/);
	});

	test("keeps its host key in the state, whatever becomes of the script that learned it", () => {
		const { inputs, ignoreChanges } = command("proj-k8sm01-host-key");
		expect(inputs.create).toBe("bash -s -- proj-k8sm01 10.25.20.4 600");
		expect(ignoreChanges).toEqual(expect.arrayContaining(["create", "stdin"]));
	});

	test("whose guest agent Proxmox can ask is believed nothing else, and the API token is on no command line", async () => {
		const from = await Recording.of({ ...stack, ssh: { ...stack.ssh, hostKeySource: "guest-agent" } });
		for (const [name, { address, host, vmId }] of Object.entries(stack.nodes)) {
			const { create, stdin } = from.command(`${name}-host-key`).inputs;
			const url = `https://10.16.207.61:8006/api2/json/nodes/${host}/qemu/${vmId}/agent/file-read?file=%2Fetc%2Fssh%2Fssh_host_ed25519_key.pub`;
			expect(create).toBe(`bash -s -- ${name} ${address} 600 '${url}'`);
			const { secret: lines } = stdin as { secret: string };
			expect(lines.split("\n").slice(-3)).toEqual(["learn; exit", proxmoxApiToken, ""]);
		}
		// A key that was learned is not learned anew, wherever from.
		expect(from.command("proj-k8sm01-host-key").ignoreChanges).toEqual(expect.arrayContaining(["create", "stdin"]));
		const withoutStdin = from.resources.map(({ inputs: { stdin: _, ...inputs } }) => inputs);
		expect(JSON.stringify(withoutStdin)).not.toContain(proxmoxApiToken);
	});

	test("whose host key the administrator knows is not asked for by Proxmox", async () => {
		const known = `ssh-ed25519 ${"A".repeat(68)}`;
		const ssh = { ...stack.ssh, hostKeySource: "guest-agent" as const, hostKeys: { "proj-k8sw01": known } };
		const from = await Recording.of({ ...stack, ssh });
		expect(from.command("proj-k8sw01-host-key").inputs.create).toBe(`bash -s -- proj-k8sw01 10.25.20.7 600 '${known}'`);
	});

	test("whose host key the administrator knows is believed nothing else, before anything is sent to it", async () => {
		const known = `ssh-ed25519 ${"A".repeat(68)}`;
		const pinned = await Recording.of({ ...stack, ssh: { ...stack.ssh, hostKeys: { "proj-k8sw01": known } } });
		expect(pinned.command("proj-k8sw01-host-key").inputs.create).toBe(
			`bash -s -- proj-k8sw01 10.25.20.7 600 '${known}'`,
		);
		expect(pinned.command("proj-k8sw01-toolkit").inputs.connection).toMatchObject({ secret: { hostKey: known } });
		expect(pinned.isAfter("proj-k8sw01-toolkit", "proj-k8sw01-host-key")).toBe(true);
	});
});

describe("registries", () => {
	const credentials = (password: string) => JSON.stringify({ "harbor.lab.internal": { username: "robot", password } });
	const mirrors = { "docker.io": { endpoints: ["https://harbor.lab.internal"] } };
	const mirrored = (password: string, options?: RecordOptions) => {
		const registries = { ...stack.cluster.registries, mirrors };
		return Recording.of({ ...stack, cluster: { ...stack.cluster, registries } }, options, credentials(password));
	};
	const revisionIn = (from: Recording, name: string) => (from.command(name).inputs.create as string).split(" ").at(-1);

	test.each(nodes)("reach %s as a secret of their own, before it becomes a member", async (node) => {
		const from = await mirrored("hunter2");
		const { create, stdin } = from.command(`${node}-registries`).inputs;
		expect(create).toMatch(new RegExp(` /usr/local/lib/rke2-lab/registries\\.sh ${node}$`));
		expect(parse((stdin as { secret: string }).secret)).toEqual({
			mirrors: { "docker.io": { endpoint: ["https://harbor.lab.internal"] } },
			configs: { "harbor.lab.internal": { auth: { username: "robot", password: "hunter2" } } },
		});
		expect(from.isAfter(`${node}-registries`, `${node}-prepare`)).toBe(true);
		expect(from.isAfter(`${node}-join`, `${node}-registries`)).toBe(true);
		expect(from.isAfter(`${node}-converge`, `${node}-registries`)).toBe(true);
	});

	test("are there before the first server pulls its images", async () => {
		const from = await mirrored("hunter2");
		expect(controlPlanes.filter((node) => !from.isAfter("cluster-seed", `${node}-registries`))).toEqual([]);
	});

	test("roll through the nodes when a password changes, which no other command and no bundle shows", async () => {
		const [before, after] = [await mirrored("hunter2"), await mirrored("hunter3")];
		for (const node of nodes) {
			const revisions = [before, after].map((from) => revisionIn(from, `${node}-converge`));
			expect(revisions[0]).toMatch(/^[0-9a-f]{64}$/);
			expect(revisions[1]).not.toBe(revisions[0]);
		}
		const others = before.resources.filter(({ name }) => !name.endsWith("-registries"));
		expect(JSON.stringify(others)).not.toContain("hunter2");
	});

	test("leave what a reviewer and a policy see in a preview as clear as without them", async () => {
		const previewed = await mirrored("hunter2", { preview: true, outputs: () => ({ stdout: unknown }) });
		const { create, stdin } = previewed.command("proj-k8sw01-converge").inputs;
		expect(create).toMatch(/converge\.sh proj-k8sw01 agent v1\.35\.7\+rke2r1 [0-9a-f]{64}$/);
		expect(configIn(stdin)).toMatchObject({ "node-name": "proj-k8sw01" });
	});

	test("are no command at all where the stack neither mirrors nor authenticates", () => {
		expect(recording.resources.filter(({ name }) => name.endsWith("-registries"))).toEqual([]);
	});
});

describe("the way in which the API is reached", () => {
	const reached = (api: Partial<StackConfig["cluster"]["api"]>, cluster: Partial<StackConfig["cluster"]> = {}) =>
		Recording.of({
			...stack,
			cluster: { ...stack.cluster, ...cluster, api: { ...stack.cluster.api, ...api } },
		});
	const preparations = ({ resources }: Recording) =>
		resources.filter(({ name, type }) => name.endsWith("-address") && type.startsWith("command:"));

	test("with keepalived takes it on the control planes before the first of them starts", async () => {
		const from = await reached({ mode: "keepalived" });
		expect(preparations(from).map(({ name }) => name)).toEqual(controlPlanes.map((node) => `${node}-address`));
		for (const node of controlPlanes) {
			expect(from.command(`${node}-address`).inputs.create).toMatch(
				new RegExp(` /usr/local/lib/rke2-lab/address\\.sh ${node} keepalived$`),
			);
			expect(from.isAfter("cluster-seed", `${node}-address`)).toBe(true);
			expect(from.isAfter(`${node}-converge`, `${node}-address`)).toBe(true);
		}
	});

	test("fetches keepalived through the proxy", async () => {
		const proxy = { url: "http://proxy.lab.internal:3128", exceptions: [] };
		const from = await reached({ mode: "keepalived" }, { proxy });
		expect(from.command("proj-k8sm02-address").inputs.create).toMatch(
			/ keepalived http:\/\/proxy\.lab\.internal:3128 127\.0\.0\.0\/8,10\.25\.20\.0\/24,/,
		);
	});

	test("by DNS is a name that every node resolves to every control plane, and that the kubeconfig has", async () => {
		const from = await reached({ mode: "dns", address: undefined });
		for (const node of nodes) {
			expect(from.command(`${node}-address`).inputs.create).toMatch(
				new RegExp(
					`address\\.sh ${node} dns api\\.k8s\\.lab\\.internal 10\\.25\\.20\\.4 10\\.25\\.20\\.5 10\\.25\\.20\\.6$`,
				),
			);
			expect(from.isAfter(`${node}-join`, `${node}-address`)).toBe(true);
		}
		expect(from.command("cluster-seed").inputs.create).toMatch(
			/seed\.sh proj-k8sm01 \S+ api\.k8s\.lab\.internal 10\.25\.20\.5 10\.25\.20\.6$/,
		);
		expect(from.cluster.apiEndpoint).toBe("https://api.k8s.lab.internal:6443");
	});

	test("is no command where files are enough", async () => {
		expect(preparations(recording)).toEqual([]);
		expect(preparations(await reached({ mode: "external" }))).toEqual([]);
	});
});

test("a proxy fetches the release too, past what it must not stand in", async () => {
	const proxy = { url: "http://proxy.lab.internal:3128", exceptions: [".lab.internal"] };
	const from = await Recording.of({ ...stack, cluster: { ...stack.cluster, proxy } });
	expect(from.command("proj-k8sw01-prepare").inputs.create).toMatch(
		/ \d+ http:\/\/proxy\.lab\.internal:3128 127\.0\.0\.0\/8,10\.25\.20\.0\/24,\S+,\.lab\.internal$/,
	);
});

describe("the seed", () => {
	test("names the virtual address and the other servers, to refuse a second cluster", () => {
		expect(command("cluster-seed").inputs.create).toMatch(
			/seed\.sh proj-k8sm01 v1\.35\.7\+rke2r1 10\.25\.20\.29 10\.25\.20\.5 10\.25\.20\.6$/,
		);
	});

	test("carries the same files as the join of its server", () => {
		expect(command("cluster-seed").inputs.stdin).toBe(command("proj-k8sm01-join").inputs.stdin);
	});

	test("comes after its token and after every control plane is prepared, and waits for no worker", () => {
		const before = ["cluster-seed-token", ...controlPlanes.map((node) => `${node}-prepare`)];
		expect(before.filter((name) => !isAfter("cluster-seed", name))).toEqual([]);
		expect(workers.filter((node) => isAfter("cluster-seed", `${node}-toolkit`))).toEqual([]);
	});

	test("never runs again and belongs to no machine", () => {
		for (const name of ["cluster-seed", "cluster-seed-token"]) {
			expect(command(name).ignoreChanges).toEqual(expect.arrayContaining(["create", "stdin", "connection"]));
			expect(command(name).parent).toBe("cluster");
		}
	});
});

describe("membership", () => {
	test.each(nodes)("%s gets the token with the hash of the cluster's authority, once there is one", (node) => {
		expect(command(`${node}-token`).inputs.create).toMatch(new RegExp(`token\\.sh ${node} ${authorityHash}$`));
		expect(isAfter(`${node}-join`, `${node}-token`)).toBe(true);
	});

	test("servers join one after another", () => {
		expect(isAfter("proj-k8sm01-join", "cluster-seed")).toBe(true);
		expect(isAfter("proj-k8sm02-join", "proj-k8sm01-join")).toBe(true);
		expect(isAfter("proj-k8sm03-join", "proj-k8sm02-join")).toBe(true);
	});

	test.each(workers)("%s joins after the last server and beside the other workers", (worker) => {
		const joins = nodes.map((node) => `${node}-join`);
		expect(joins.filter((name) => isAfter(`${worker}-join`, name))).toEqual(
			controlPlanes.map((node) => `${node}-join`),
		);
	});

	test.each(nodes)("%s joins once: a change of its files or of the version is not the join's", (node) => {
		expect(command(`${node}-join`).ignoreChanges).toEqual(expect.arrayContaining(["create", "stdin"]));
	});

	test("a single control plane makes a cluster too", async () => {
		const { "proj-k8sm01": only, "proj-k8sw01": worker } = stack.nodes;
		const small = await Recording.of({ ...stack, nodes: { "proj-k8sm01": only!, "proj-k8sw01": worker! } });
		expect(small.command("cluster-seed").inputs.create).toMatch(/ proj-k8sm01 v1\.35\.7\+rke2r1 10\.25\.20\.29$/);
		expect(small.isAfter("proj-k8sw01-join", "proj-k8sm01-join")).toBe(true);
	});
});

describe("convergence", () => {
	test("takes one node after another, control planes first, and begins when all are members", () => {
		const joins = nodes.map((node) => `${node}-join`);
		expect(joins.filter((name) => !isAfter("proj-k8sm01-converge", name))).toEqual([]);
		const converges = nodes.map((node) => `${node}-converge`);
		for (const [index, name] of converges.entries()) {
			expect(converges.filter((other) => isAfter(name, other))).toEqual(converges.slice(0, index));
		}
	});

	test.each(nodes)("of %s waits for its release even when the join was long ago", (node) => {
		expect(command(`${node}-converge`).dependsOn).toContain(`${node}-prepare`);
	});

	test.each(nodes)("of %s follows changes of its files and its version", (node) => {
		const { ignoreChanges, inputs } = command(`${node}-converge`);
		expect(ignoreChanges).toEqual(["connection"]);
		const role = controlPlanes.includes(node) ? "server" : "agent";
		expect(inputs.create).toMatch(new RegExp(`converge\\.sh ${node} ${role} v1\\.35\\.7\\+rke2r1$`));
	});

	test.each(nodes)("of %s refuses what a running cluster does not support, before its update", (node) => {
		expect(command(`${node}-converge`).beforeUpdate).toEqual(["cluster-unsupported-changes"]);
	});

	describe("the refusal", () => {
		const skipped = { ...stack, cluster: { ...stack.cluster, version: "v1.37.0+rke2r1", podCidr: "10.44.0.0/16" } };
		const oldInputs = command("proj-k8sm01-converge").inputs;
		const inputsOfSkip = async () => (await Recording.of(skipped)).command("proj-k8sm01-converge").inputs;
		const ask = async (given: Pick<pulumi.ResourceHookArgs, "oldInputs" | "newInputs">) => {
			let hook: pulumi.ResourceHook | undefined;
			await record(() => {
				hook = refuseUnsupportedChanges("refusal");
			});
			await hook!.callback({ urn: "", id: "", name: "", type: "", ...given });
		};

		test("names every key by what the last convergence and the wanted one say", async () => {
			const newInputs = await inputsOfSkip();
			await expect(ask({ oldInputs, newInputs })).rejects.toThrow(
				/^cluster\.version v1\.37\.0\+rke2r1 skips a minor .*\ncluster\.podCidr is 10\.42\.0\.0\/16 on this cluster .*$/,
			);
			await ask({ oldInputs, newInputs: oldInputs });
		});

		test("leaves to the node what the state keeps secret, or does not have", async () => {
			const newInputs = await inputsOfSkip();
			await ask({ oldInputs: { ...oldInputs, stdin: pulumi.secret(oldInputs.stdin) }, newInputs });
			await ask({ oldInputs: { ...oldInputs, create: "echo" }, newInputs });
			await ask({ newInputs });
		});
	});

	test("is what others wait for", async () => {
		const urns = await Promise.all(recording.cluster.ready.map(({ urn }) => resolved(urn)));
		expect(urns.map((urn) => urn.split("::").at(-1))).toEqual(nodes.map((node) => `${node}-converge`));
	});
});

describe("the kubeconfig", () => {
	test("is a secret that names the virtual address and the cluster", async () => {
		const { kubeconfig, apiEndpoint } = recording.cluster;
		expect(await pulumi.isSecret(kubeconfig)).toBe(true);
		expect(apiEndpoint).toBe("https://10.25.20.29:6443");
		expect(parse(await resolved(kubeconfig))).toMatchObject({
			clusters: [{ name: "astronomy-lab", cluster: { server: "https://10.25.20.29:6443" } }],
			"current-context": "astronomy-lab",
		});
	});

	test("is printed to no log and is no clear text in the state", () => {
		const { inputs, secretOutputs } = command("cluster-kubeconfig");
		expect(inputs.logging).toBe("none");
		expect(secretOutputs).toEqual(expect.arrayContaining(["stdout", "stderr"]));
	});

	test("is read after every server has joined", () => {
		expect(isAfter("cluster-kubeconfig", "proj-k8sm03-join")).toBe(true);
	});
});
