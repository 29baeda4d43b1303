import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { certificate } from "../../../fixtures/certificates.ts";
import { labStack } from "../../../fixtures/lab.ts";
import { unknown } from "../recorder.ts";
import {
	agentToken,
	authorityHash,
	clusterToken,
	command,
	configIn,
	controlPlanes,
	isAfter,
	nodes,
	perNode,
	Recording,
	recording,
	remoteCommands,
	resolved,
	serverKubeconfig,
	sshPrivateKey,
	stack,
	workers,
} from "./cluster-recording.ts";

const preview = await Recording.of(stack, { preview: true, outputs: () => ({ stdout: unknown }) });

describe("every command on a node", () => {
	test("is one of the known commands", () => {
		const names = recording.resources.filter(({ type }) => type === "command:remote:Command").map(({ name }) => name);
		expect(names.sort()).toEqual([...remoteCommands].sort());
	});

	test.each(remoteCommands)("%s runs as root with a time limit, and has no secret in its command line", (name) => {
		const { create } = command(name).inputs;
		expect(create).toMatch(/^sudo -n timeout --kill-after=10 \d+ (bash -s$|\/usr\/local\/lib\/rke2-lab\/[a-z]+\.sh )/);
		expect(create).not.toContain(clusterToken);
		expect(create).not.toContain(agentToken);
	});

	test.each(remoteCommands)("%s has no triggers and no delete, and does not send its previous output", (name) => {
		const { inputs } = command(name);
		expect(inputs).not.toHaveProperty("triggers");
		expect(inputs).not.toHaveProperty("delete");
		expect(inputs).toMatchObject({ addPreviousOutputInEnv: false });
	});

	test.each(remoteCommands)(
		"%s does not run again when the connection changes, and explains a refused login",
		(name) => {
			expect(command(name).ignoreChanges).toContain("connection");
			expect(command(name).onError).toEqual([expect.stringMatching(/^proj-k8s[mw]0\d-refused-login$/)]);
		},
	);

	test.each(nodes)("of %s connects to that node with the learned host key", (node) => {
		for (const step of perNode) {
			const connection = { host: stack.nodes[node]!.address, user: "ops", privateKey: sshPrivateKey };
			const hostKey = `stdout of ${node}-host-key`;
			expect(command(`${node}-${step}`).inputs.connection).toMatchObject({ secret: { ...connection, hostKey } });
		}
	});
});

describe("what a reviewer and a policy see in a preview", () => {
	test.each(remoteCommands.filter((name) => !/-(kubeconfig|preflight)$/.test(name)))(
		"%s has a known standard input, which policies read",
		(name) => {
			const { stdin } = preview.command(name).inputs;
			expect(stdin).toBeDefined();
			expect(JSON.stringify(stdin)).not.toContain(unknown);
		},
	);

	test.each(nodes.flatMap((node) => [`${node}-join`, `${node}-converge`]))(
		"%s has config.yaml in clear text",
		(name) => {
			const { stdin } = preview.command(name).inputs;
			expect(configIn(stdin)).toMatchObject({ profile: "cis", "node-name": name.replace(/-\w+$/, "") });
		},
	);

	test.each(["cluster-seed-token", ...controlPlanes.map((node) => `${node}-token`)])(
		"%s has both tokens, as a secret",
		(name) => {
			expect(preview.command(name).inputs.stdin).toEqual({ secret: `${agentToken}\n${clusterToken}` });
		},
	);

	test("the tokens reach one server after another, and workers after the last one", () => {
		const line = (node: string) => String(command(`${node}-token`).inputs.create).split("token.sh ")[1];
		expect(line("proj-k8sm01")).toBe(`proj-k8sm01 server ${authorityHash}`);
		expect(line("proj-k8sm02")).toBe(`proj-k8sm02 server ${authorityHash} rotated`);
		expect(line("proj-k8sw01")).toBe(`proj-k8sw01 agent ${authorityHash}`);
		expect(isAfter("proj-k8sm03-token", "proj-k8sm02-token")).toBe(true);
		expect(isAfter("proj-k8sm02-token", "proj-k8sm01-token")).toBe(true);
		expect(isAfter("proj-k8sw01-token", "proj-k8sm03-token")).toBe(true);
	});

	test("the servers rotate the token only with the snapshot in the S3 store when the stack file says so", async () => {
		const s3 = { endpoint: "s3.internal", bucket: "backups", required: true };
		const required = await Recording.of(labStack({ cluster: { etcdSnapshots: { s3 } } }));
		const line = (name: string) => String(required.command(name).inputs.create).split("token.sh ")[1];
		expect(line("proj-k8sm01-token")).toBe(`proj-k8sm01 server ${authorityHash} '' required`);
		expect(line("proj-k8sm02-token")).toBe(`proj-k8sm02 server ${authorityHash} rotated required`);
		expect(line("proj-k8sw01-token")).toBe(`proj-k8sw01 agent ${authorityHash}`);
		expect(line("cluster-seed-token")).toBe("proj-k8sm01 server");
	});

	test.each(workers)("%s-token has only the agent token, as a secret", (node) => {
		expect(preview.command(`${node}-token`).inputs.stdin).toEqual({ secret: agentToken });
	});
});

describe("the preflight", () => {
	test.each(nodes)("of %s checks the node before the program installs anything except its scripts", (node) => {
		expect(isAfter(`${node}-prepare`, `${node}-preflight`)).toBe(true);
		expect(isAfter(`${node}-preflight`, `${node}-toolkit`)).toBe(true);
	});

	test("gets the node's network interface, the URL of the release, the origin of a GPU's driver, and the registries", () => {
		const scriptArgs = (node: string) =>
			String(preview.command(`${node}-preflight`).inputs.create).split("preflight.sh ")[1];
		const release =
			"v1.35.7+rke2r1 https://github.com/rancher/rke2/releases/download/v1.35.7%2Brke2r1/rke2.linux-amd64.tar.gz";
		const registries = ["docker.io=https://registry-1.docker.io/v2/", "nvcr.io=https://nvcr.io/v2/"].concat([
			"quay.io=https://quay.io/v2/",
			"registry.k8s.io=https://registry.k8s.io/v2/",
		]);
		expect(scriptArgs("proj-k8sw01")).toBe(`proj-k8sw01 10.25.20.7 eth0 ${release} none none ${registries}`);
		expect(scriptArgs("proj-k8sw04")).toBe(`proj-k8sw04 10.25.20.10 eth0 ${release} operator none ${registries}`);
	});
});

describe("the seed", () => {
	test("gets the virtual address and the other servers, so that it can refuse a second cluster", () => {
		expect(command("cluster-seed").inputs.create).toMatch(
			/seed\.sh proj-k8sm01 v1\.35\.7\+rke2r1 10\.25\.20\.29 10\.25\.20\.5 10\.25\.20\.6$/,
		);
	});

	test("has the same files as the join of its server", () => {
		expect(command("cluster-seed").inputs.stdin).toBe(command("proj-k8sm01-join").inputs.stdin);
	});

	test("waits for its token and for every control plane, but for no worker", () => {
		const before = ["cluster-seed-token", ...controlPlanes.map((node) => `${node}-prepare`)];
		expect(before.filter((name) => !isAfter("cluster-seed", name))).toEqual([]);
		expect(workers.filter((node) => isAfter("cluster-seed", `${node}-toolkit`))).toEqual([]);
	});

	test("never runs again, and belongs to no node", () => {
		for (const name of ["cluster-seed", "cluster-seed-token"]) {
			expect(command(name).ignoreChanges).toEqual(expect.arrayContaining(["create", "stdin", "connection"]));
			expect(command(name).parent).toBe("cluster");
		}
	});
});

describe("membership", () => {
	test.each(workers)("%s gets nothing that contains the server token", (worker) => {
		const own = recording.resources.filter(({ name }) => name.startsWith(worker));
		expect(own.length).toBeGreaterThan(5);
		expect(JSON.stringify(own)).not.toContain(clusterToken);
	});

	test.each(nodes)("%s gets the token with the hash of the cluster's authority after the seed", (node) => {
		expect(command(`${node}-token`).inputs.create).toMatch(
			new RegExp(`token\\.sh ${node} (server|agent) ${authorityHash}( rotated)?$`),
		);
		expect(isAfter(`${node}-join`, `${node}-token`)).toBe(true);
	});

	test("makes servers join one after another", () => {
		expect(isAfter("proj-k8sm01-join", "cluster-seed")).toBe(true);
		expect(isAfter("proj-k8sm02-join", "proj-k8sm01-join")).toBe(true);
		expect(isAfter("proj-k8sm03-join", "proj-k8sm02-join")).toBe(true);
	});

	test.each(workers)(
		"%s joins in parallel with the other workers, after every server has its version and its tokens",
		(worker) => {
			expect(controlPlanes.filter((node) => !isAfter(`${worker}-join`, `${node}-converge`))).toEqual([]);
			const joins = nodes.map((node) => `${node}-join`);
			expect(joins.filter((name) => isAfter(`${worker}-join`, name))).toEqual(
				controlPlanes.map((node) => `${node}-join`),
			);
		},
	);

	test.each(nodes)("%s joins once, and ignores later changes of its files or of the version", (node) => {
		expect(command(`${node}-join`).ignoreChanges).toEqual(expect.arrayContaining(["create", "stdin"]));
	});

	test("accepts a single control plane", async () => {
		const { "proj-k8sm01": only, "proj-k8sw01": worker } = stack.nodes;
		const small = await Recording.of({ ...stack, nodes: { "proj-k8sm01": only!, "proj-k8sw01": worker! } });
		expect(small.command("cluster-seed").inputs.create).toMatch(/ proj-k8sm01 v1\.35\.7\+rke2r1 10\.25\.20\.29$/);
		expect(small.isAfter("proj-k8sw01-join", "proj-k8sm01-join")).toBe(true);
	});
});

describe("the kubeconfig", () => {
	test("is a secret, with the virtual address and the name of the cluster", async () => {
		const { kubeconfig, apiEndpoint } = recording.cluster;
		expect(await pulumi.isSecret(kubeconfig)).toBe(true);
		expect(apiEndpoint).toBe("https://10.25.20.29:6443");
		expect(parse(await resolved(kubeconfig))).toMatchObject({
			clusters: [{ name: "astronomy-lab", cluster: { server: "https://10.25.20.29:6443" } }],
			"current-context": "astronomy-lab",
		});
	});

	test("is not logged, and is encrypted in the state", () => {
		const { inputs, secretOutputs } = command("cluster-kubeconfig");
		expect(inputs.logging).toBe("none");
		expect(secretOutputs).toEqual(expect.arrayContaining(["stdout", "stderr"]));
	});

	test("is read from every control plane, and the key for it is a secret", () => {
		const { create, stdin } = command("cluster-kubeconfig").inputs;
		expect(create).toBe("bash -s -- cluster /usr/local/lib/rke2-lab/kubeconfig.sh");
		const asked = (stdin as { secret: string }).secret.split("read_kubeconfigs; exit\n")[1];
		const lines = controlPlanes.map(
			(node) => `${node} ops ${stack.nodes[node]!.address} 22 stdout of ${node}-host-key\n`,
		);
		expect(asked).toBe(`${lines.join("")}\n${sshPrivateKey}\n`);
	});

	test("is not read again on an ordinary day, whatever changes", () => {
		expect(command("cluster-kubeconfig").ignoreChanges).toEqual(["create", "stdin", "logging"]);
	});

	describe("that the state has and that expires soon", async () => {
		const notAfter = new Date(Date.now() + 29.5 * 86_400_000);
		const pem = await certificate({ name: "system:admin", notBefore: new Date(), notAfter, ca: false });
		const credentials = `client-certificate-data: ${Buffer.from(pem).toString("base64")}, client-key-data: c29vbg==`;
		const soon = serverKubeconfig.replace("client-key-data: a2V5", credentials);
		const options = { outputs: () => ({ stdout: serverKubeconfig }), preview: true };
		const again = await Recording.of(stack, options, undefined, undefined, soon);

		test("is read again", () => {
			const { inputs, ignoreChanges } = again.command("cluster-kubeconfig");
			expect(inputs.create).toMatch(/kubeconfig\.sh '?\d{4}-\d\d-\d\dT.*,30'?$/);
			expect(ignoreChanges).toEqual([]);
		});

		test("is the one of a preview, so that objects can be compared", async () => {
			const { users } = parse(await resolved(again.cluster.kubeconfig));
			expect(users[0].user).toEqual(parse(soon).users[0].user);
		});
	});

	test("is read after every server has converged, which may renew the certificate", () => {
		expect(isAfter("cluster-kubeconfig", "proj-k8sm03-converge")).toBe(true);
	});
});
