/** The way through a bastion, by the real OpenSSH. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test, vi } from "vitest";
import { tryLogin } from "../../../../src/reach/login.ts";
import { type Connection, sshConnection } from "../../../../src/ssh/connection.ts";
import { type Keys, newKeys, type SshMachine, startMachine } from "../ssh/ssh-machines.ts";

const scriptText = (name: string) =>
	readFileSync(new URL(`../../../../src/rke2/scripts/${name}`, import.meta.url), "utf8");

interface Lab {
	node: SshMachine;
	bastion: SshMachine;
	nodeKeys: Keys;
	bastionKeys: Keys;
}

/** A node that only the bastion reaches, at 10.0.0.7. */
async function lab(): Promise<Lab> {
	const [nodeKeys, bastionKeys] = [newKeys(), newKeys()];
	const node = await startMachine({ accepts: nodeKeys.public, answer: "kubeconfig of the node" });
	const bastion = await startMachine({
		accepts: bastionKeys.public,
		network: { "10.0.0.7:22": node.port, "10.0.0.7:2207": node.port },
	});
	return { node, bastion, nodeKeys, bastionKeys };
}

/** A directory for temporary files, whose name has each character that OpenSSH or a shell treats specially in a path. */
function oddDirectory(): string {
	// biome-ignore lint/suspicious/noTemplateCurlyInString: OpenSSH and shells expand it, JavaScript must not.
	const directory = mkdtempSync(join(tmpdir(), 'o\'dd "100%" ${HOME} $(x) \\ '));
	onTestFinished(() => rmSync(directory, { recursive: true }));
	return directory;
}

/** Runs a script as the program does, behind bastion.sh on standard input. */
async function run({ bastion, bastionKeys }: Lab, script: string, args: string[], input = "", key = bastionKeys) {
	const directory = oddDirectory();
	const child = spawn("bash", ["-s", "--", ...args], { env: { PATH: process.env.PATH, TMPDIR: directory } });
	const output = Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
	const way = `jump 127.0.0.1 ${bastion.port} ${bastion.hostKey}\n${key.private.trimEnd()}\n\n`;
	child.stdin.on("error", () => undefined);
	child.stdin.end(`${scriptText("bastion.sh")}${way}${scriptText(script)}${input}`);
	const [stdout, stderr, [status, signal]] = await output;
	return { stdout, stderr, status, signal, left: readdirSync(directory) };
}

const learn = (all: Lab, seconds = 0, key?: Keys) =>
	run(all, "host-key.sh", ["w01", "10.0.0.7", `${seconds}`], "", key);

test("host-key.sh learns the key of a node that only the bastion reaches, and logs in nowhere but there", async () => {
	const all = await lab();
	expect(await learn(all)).toEqual({
		...{ stdout: `${all.node.hostKey}\n`, stderr: "", status: 0, signal: null },
		left: [],
	});
	expect(all.bastion.forwards).toEqual(["10.0.0.7:22"]);
	expect([...all.bastion.commands, ...all.node.commands]).toEqual([]);
});

test("host-key.sh learns the key of a node behind the bastion at another port", async () => {
	const all = await lab();
	const { stdout, stderr } = await run(all, "host-key.sh", ["w01", "10.0.0.7:2207", "0"]);
	expect([stdout, stderr]).toEqual([`${all.node.hostKey}\n`, ""]);
	expect(all.bastion.forwards).toEqual(["10.0.0.7:2207"]);
});

test("host-key.sh names the address when the bastion does not reach the node", async () => {
	const all = await lab();
	const { stderr, status, left } = await run(all, "host-key.sh", ["w01", "10.0.0.8", "0"]);
	expect([stderr, status, left]).toEqual([
		"w01: host-key: no SSH server with an ed25519 key answered at 10.0.0.8 within 0 s\n",
		1,
		[],
	]);
});

test("host-key.sh ends at once when the bastion has another host key, and sends nothing to it", async () => {
	const all = await lab();
	const another = { ...all, bastion: { ...all.bastion, hostKey: (await lab()).bastion.hostKey } };
	const { stdout, stderr, signal } = await learn(another, 60);
	expect([stdout, signal]).toEqual(["", "SIGTERM"]);
	expect(stderr).toBe("the bastion 127.0.0.1 refuses the way to 10.0.0.7: Host key verification failed.\n");
	expect(all.bastion.forwards).toEqual([]);
});

test("host-key.sh ends at once when the bastion refuses the key", async () => {
	const { stderr, signal } = await learn(await lab(), 60, newKeys());
	expect(signal).toBe("SIGTERM");
	expect(stderr).toBe(
		"the bastion 127.0.0.1 refuses the way to 10.0.0.7: jump@127.0.0.1: Permission denied (publickey).\n",
	);
});

test("admin-kubeconfig.sh reads through the bastion, pins both host keys, and leaves no key behind", async () => {
	const all = await lab();
	const read = (hostKey: string) =>
		run(
			all,
			"admin-kubeconfig.sh",
			["cluster", "/lib/kubeconfig.sh"],
			`w01 ops 10.0.0.7 22 ${hostKey}\n\n${all.nodeKeys.private}`,
		);
	expect(await read(all.node.hostKey)).toMatchObject({ stdout: "---\nkubeconfig of the node\n", status: 0, left: [] });
	expect(all.node.commands).toEqual(["sudo -n timeout --kill-after=10 60 /lib/kubeconfig.sh w01"]);
	const refused = await read(all.bastion.hostKey);
	expect(refused).toMatchObject({ stdout: "", status: 1, left: [] });
	expect(refused.stderr).toContain("w01: Host key verification failed.");
});

const connectionTo = ({ node, bastion, nodeKeys, bastionKeys }: Lab): Connection =>
	sshConnection(
		{ host: "10.0.0.7", user: "ops", privateKey: nodeKeys.private, hostKey: node.hostKey },
		{ host: `127.0.0.1:${bastion.port}`, user: "jump", privateKey: bastionKeys.private, hostKey: bastion.hostKey },
	);

test("tryLogin goes through the bastion, and leaves no file behind", async () => {
	const all = await lab();
	const directory = oddDirectory();
	vi.stubEnv("TMPDIR", directory);
	onTestFinished(() => {
		vi.unstubAllEnvs();
	});
	expect(await tryLogin(connectionTo(all))).toBeUndefined();
	expect(all.node.commands).toEqual(["sudo -n true"]);
	expect(readdirSync(directory)).toEqual([]);
});

test("tryLogin gives the reason of the machine that refuses", async () => {
	const all = await lab();
	const connection = connectionTo(all);
	const proxy = connection.proxy!;
	const another = newKeys().private;
	expect(await tryLogin({ ...connection, proxy: { ...proxy, hostKey: all.node.hostKey } })).toBe(
		"Host key verification failed.",
	);
	expect(await tryLogin({ ...connection, proxy: { ...proxy, privateKey: another } })).toBe(
		"jump@127.0.0.1: Permission denied (publickey).",
	);
	expect(await tryLogin({ ...connection, privateKey: another })).toBe("ops@10.0.0.7: Permission denied (publickey).");
	expect(all.node.commands).toEqual([]);
});
