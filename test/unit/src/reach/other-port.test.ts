/** The way to a node at another port than 22, by the real OpenSSH. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { tryLogin } from "../../../../src/reach/login.ts";
import { sshConnection } from "../../../../src/ssh/connection.ts";
import { newKeys, startMachine } from "../ssh/ssh-machines.ts";

async function run(script: string, args: string[], input = "") {
	const child = spawn("bash", ["-s", "--", ...args]);
	const output = Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
	child.stdin.end(readFileSync(new URL(`../../../../src/rke2/scripts/${script}`, import.meta.url), "utf8") + input);
	const [stdout, stderr, [status]] = await output;
	return { stdout, stderr, status };
}

async function lab() {
	const keys = newKeys();
	return { keys, node: await startMachine({ accepts: keys.public, answer: "kubeconfig of the node" }) };
}

test("host-key.sh learns the key at that port, and names the port when another key is there", async () => {
	const { node } = await lab();
	const at = `127.0.0.1:${node.port}`;
	expect(await run("host-key.sh", ["w01", at, "5"])).toEqual({ stdout: `${node.hostKey}\n`, stderr: "", status: 0 });
	const other = newKeys().public.trim().split(" ").slice(0, 2).join(" ");
	expect(await run("host-key.sh", ["w01", at, "5", other])).toEqual({
		stdout: "",
		stderr: `w01: host-key: ${at} presents another host key than ssh.hostKeys.w01; nothing was sent to it\n`,
		status: 1,
	});
});

test("admin-kubeconfig.sh reads at that port, and accepts the pinned host key alone", async () => {
	const { node, keys } = await lab();
	const read = (hostKey: string) =>
		run(
			"admin-kubeconfig.sh",
			["cluster", "/lib/kubeconfig.sh"],
			`w01 ops 127.0.0.1 ${node.port} ${hostKey}\n\n${keys.private}`,
		);
	expect(await read(node.hostKey)).toEqual({ stdout: "---\nkubeconfig of the node\n", stderr: "", status: 0 });
	const other = newKeys().public.trim().split(" ").slice(0, 2).join(" ");
	expect(await read(other)).toMatchObject({ stdout: "", status: 1 });
	expect(node.commands).toHaveLength(1);
});

test("tryLogin logs in at that port, also through a bastion", async () => {
	const { node, keys } = await lab();
	const login = { user: "ops", privateKey: keys.private, hostKey: node.hostKey };
	expect(await tryLogin(sshConnection({ ...login, host: `127.0.0.1:${node.port}` }, undefined))).toBeUndefined();
	const jump = newKeys();
	const bastion = await startMachine({ accepts: jump.public, network: { "10.0.0.7:2207": node.port } });
	const way = { host: `127.0.0.1:${bastion.port}`, user: "jump", privateKey: jump.private, hostKey: bastion.hostKey };
	expect(await tryLogin(sshConnection({ ...login, host: "10.0.0.7:2207" }, way))).toBeUndefined();
	expect(bastion.forwards).toEqual(["10.0.0.7:2207"]);
	expect(node.commands).toEqual(["sudo -n true", "sudo -n true"]);
});
