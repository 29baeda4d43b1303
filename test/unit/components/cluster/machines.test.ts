import { describe, expect, test } from "vitest";
import {
	bastionKey,
	command,
	isAfter,
	nodes,
	perNode,
	proxmoxApiToken,
	Recording,
	stack,
} from "./cluster-recording.ts";

describe("a node", () => {
	test.each(nodes)("%s is prepared after it answers and has the toolkit", (node) => {
		expect(command(`${node}-host-key`).dependsOn).toEqual([`machine-${node}`]);
		expect(command(`${node}-toolkit`).dependsOn).toEqual(expect.arrayContaining([`machine-${node}`]));
		expect(isAfter(`${node}-toolkit`, `${node}-host-key`)).toBe(true);
		expect(isAfter(`${node}-prepare`, `${node}-toolkit`)).toBe(true);
	});

	test("is prepared in parallel with the others", () => {
		const other = nodes.flatMap((node) => [`${node}-toolkit`, `${node}-prepare`]);
		const after = other.filter((name) => isAfter("proj-k8sw05-prepare", name));
		expect(after).toEqual(["proj-k8sw05-toolkit"]);
	});

	test("gets the escaped URL of the release and its checksum", () => {
		expect(command("proj-k8sm02-prepare").inputs.create).toContain(
			`prepare.sh proj-k8sm02 server v1.35.7+rke2r1 https://github.com/rancher/rke2/releases/download/v1.35.7%2Brke2r1/rke2.linux-amd64.tar.gz ${"a".repeat(64)}`,
		);
		expect(command("proj-k8sw02-prepare").inputs.create).toContain("prepare.sh proj-k8sw02 agent v1.35.7+rke2r1 ");
	});

	test("gets the number of local volumes and the size of its data disk", () => {
		expect(command("proj-k8sw02-prepare").inputs.create).toMatch(/ 8 850$/);
		expect(command("proj-k8sm02-prepare").inputs.create).toMatch(/ 0 0$/);
	});

	test("keeps its host key in the state when the script that learned it changes", () => {
		const { inputs, ignoreChanges } = command("proj-k8sm01-host-key");
		expect(inputs.create).toBe("bash -s -- proj-k8sm01 10.25.20.4 600");
		expect(ignoreChanges).toEqual(expect.arrayContaining(["create", "stdin"]));
	});

	test("is trusted only by the key that the guest agent reads, and no command line has the API token", async () => {
		const from = await Recording.of({ ...stack, ssh: { ...stack.ssh, hostKeySource: "guest-agent" } });
		for (const [name, { address, host, vmId }] of Object.entries(stack.nodes)) {
			const { create, stdin } = from.command(`${name}-host-key`).inputs;
			const url = `https://10.16.207.61:8006/api2/json/nodes/${host}/qemu/${vmId}/agent/file-read?file=%2Fetc%2Fssh%2Fssh_host_ed25519_key.pub`;
			expect(create).toBe(`bash -s -- ${name} ${address} 600 '${url}'`);
			const { secret: lines } = stdin as { secret: string };
			expect(lines.split("\n").slice(-3)).toEqual(["learn; exit", proxmoxApiToken, ""]);
		}
		// The program does not learn a recorded key again, from neither source.
		expect(from.command("proj-k8sm01-host-key").ignoreChanges).toEqual(expect.arrayContaining(["create", "stdin"]));
		const withoutStdin = from.resources.map(({ inputs: { stdin: _, ...inputs } }) => inputs);
		expect(JSON.stringify(withoutStdin)).not.toContain(proxmoxApiToken);
	});

	test("is not read by the guest agent when the stack file has the host key", async () => {
		const known = `ssh-ed25519 ${"A".repeat(68)}`;
		const ssh = { ...stack.ssh, hostKeySource: "guest-agent" as const, hostKeys: { "proj-k8sw01": known } };
		const from = await Recording.of({ ...stack, ssh });
		expect(from.command("proj-k8sw01-host-key").inputs.create).toBe(`bash -s -- proj-k8sw01 10.25.20.7 600 '${known}'`);
	});

	test("is trusted only by the host key of the stack file, before the program sends anything", async () => {
		const known = `ssh-ed25519 ${"A".repeat(68)}`;
		const pinned = await Recording.of({ ...stack, ssh: { ...stack.ssh, hostKeys: { "proj-k8sw01": known } } });
		expect(pinned.command("proj-k8sw01-host-key").inputs.create).toBe(
			`bash -s -- proj-k8sw01 10.25.20.7 600 '${known}'`,
		);
		expect(pinned.command("proj-k8sw01-toolkit").inputs.connection).toMatchObject({ secret: { hostKey: known } });
		expect(pinned.isAfter("proj-k8sw01-toolkit", "proj-k8sw01-host-key")).toBe(true);
	});
});

describe("a node behind a bastion", async () => {
	const pinned = `ssh-ed25519 ${"B".repeat(68)}`;
	const bastion = { host: "bastion.lab.internal:2222", user: "jump", hostKey: pinned };
	const ssh = { ...stack.ssh, bastion, hostKeySource: "guest-agent" as const };
	const from = await Recording.of({ ...stack, ssh });
	const way = `jump bastion.lab.internal 2222 ${pinned}\n${bastionKey}\n\n#!/bin/bash\n`;

	test("is reached through it by every command, which accepts its pinned host key alone", () => {
		const remote = from.resources.filter(({ type }) => type === "command:remote:Command");
		expect(remote.length).toBeGreaterThan(nodes.length);
		for (const { name, inputs } of remote) {
			expect(inputs.connection, name).toMatchObject({
				secret: {
					port: 22,
					proxy: {
						...{ host: "bastion.lab.internal", port: 2222, user: "jump", hostKey: pinned },
						privateKey: `${bastionKey}\n`,
					},
				},
			});
		}
	});

	test.each([...nodes.map((node) => `${node}-host-key`), "cluster-kubeconfig"])(
		"%s gets the bastion before its script, on standard input alone",
		(name) => {
			const { create, stdin } = from.command(name).inputs;
			const { secret } = stdin as { secret: string };
			expect(secret).toMatch(
				/^#!\/bin\/bash\n.*\n# Runs|^#!\/bin\/bash\n# Runs where Pulumi runs, before another script/,
			);
			expect(secret).toContain(`read_bastion\n${way}`);
			expect(create).not.toContain("bastion");
		},
	);
});

test("a node with another address for the workstation is reached there by every command, and keeps its own in the cluster", async () => {
	const addresses = { "proj-k8sm01": "nat.lab.internal:2204", "proj-k8sw01": "192.168.7.7" };
	const from = await Recording.of({ ...stack, ssh: { ...stack.ssh, addresses } });
	for (const { name, inputs } of from.resources.filter(({ type }) => type === "command:remote:Command")) {
		const node = name.startsWith("cluster-") ? "proj-k8sm01" : name.replace(/-[a-z]+$/, "");
		const [host, port = "22"] = (addresses[node as "proj-k8sm01"] ?? stack.nodes[node]!.address).split(":");
		expect(inputs.connection, name).toMatchObject({ secret: { host, port: Number(port) } });
	}
	expect(from.command("proj-k8sm01-host-key").inputs.create).toBe("bash -s -- proj-k8sm01 nat.lab.internal:2204 600");
	expect(from.command("cluster-kubeconfig").inputs.stdin).toMatchObject({
		secret: expect.stringMatching(/\nproj-k8sm01 ops nat\.lab\.internal 2204 .*\nproj-k8sm02 ops 10\.25\.20\.5 22 /),
	});
	expect(from.command("proj-k8sm01-preflight").inputs.create).toContain("preflight.sh proj-k8sm01 10.25.20.4 ");
});

describe("a machine that is made anew", () => {
	test.each(nodes)("%s runs every step again", (node) => {
		for (const step of ["host-key", ...perNode]) {
			expect(command(`${node}-${step}`).replacementTrigger, step).toBe(`identity of machine-${node}`);
		}
	});

	test.each(nodes)("%s is forgotten by the cluster before its tokens are written, and so before it joins", (node) => {
		expect(command(`${node}-token`).beforeCreate).toEqual(["cluster-former-node"]);
		expect(isAfter(`${node}-join`, `${node}-token`)).toBe(true);
	});

	test("creates no second cluster, and the kubeconfig stays", () => {
		for (const name of ["cluster-seed", "cluster-seed-token", "cluster-kubeconfig"]) {
			expect(command(name).replacementTrigger, name).toBeUndefined();
		}
	});
});

test("the preparation downloads the release through the proxy, with its exceptions", async () => {
	const proxy = { url: "http://proxy.lab.internal:3128", exceptions: [".lab.internal"] };
	const from = await Recording.of({ ...stack, cluster: { ...stack.cluster, proxy } });
	expect(from.command("proj-k8sw01-prepare").inputs.create).toMatch(
		/ \d+ http:\/\/proxy\.lab\.internal:3128 127\.0\.0\.0\/8,10\.25\.20\.0\/24,\S+,\.lab\.internal$/,
	);
});
