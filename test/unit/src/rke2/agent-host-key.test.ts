/** The script that reads a node's host key from Proxmox, against the double; `ssh-keyscan` is a double as well. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { createVm, type Lab, leastPrivileges, startLab, token } from "../../rehearsal/doubles/proxmox/fixture.ts";

const script = readFileSync(new URL("../../../../src/rke2/scripts/agent-host-key.sh", import.meta.url), "utf8");
const keyFile = "/etc/ssh/ssh_host_ed25519_key.pub";
const key = `ssh-ed25519 ${"A".repeat(44)}+/${"B".repeat(22)}`;
const anotherKey = `ssh-ed25519 ${"C".repeat(68)}`;
const fileRead = {
	path: "/vms/104",
	privileges: ["VM.GuestAgent.FileRead", "VM.Allocate", "VM.Audit", "VM.PowerMgmt"],
};

interface Run {
	/** What shows itself at the machine's address; nothing where there is no server. */
	shown?: string;
	/** Whether this machine knows the authority of the double. */
	trusts?: boolean;
	seconds?: number;
}

async function labWithAgent(): Promise<Lab> {
	const [vms, ...others] = leastPrivileges;
	const privileges = [...vms!.privileges, ...fileRead.privileges];
	const lab = await startLab({ tokens: [{ ...token, userAcl: [{ path: "/vms", privileges }, ...others] }] });
	await createVm(lab);
	lab.hypervisor.files[keyFile] = `${key} root@proj-k8sm01\n`;
	return lab;
}

/** Runs the script as the program does: both the script and the token on standard input. */
async function run(lab: Lab, { shown, trusts = true, seconds = 0 }: Run) {
	const directory = mkdtempSync(join(tmpdir(), "agent-host-key-"));
	onTestFinished(() => rmSync(directory, { recursive: true }));
	const path = (name: string) => join(directory, name);
	writeFileSync(path("ca.pem"), lab.caPem);
	const answer = shown === undefined ? "exit 0" : `echo '10.25.20.4 ${shown}'`;
	writeFileSync(path("ssh-keyscan"), `#!/bin/sh\n${answer}\n`, { mode: 0o755 });
	// Notes what a process list would show.
	writeFileSync(path("curl"), `#!/bin/sh\necho "$@" >>'${path("arguments")}'\nPATH=$REAL_PATH exec curl "$@"\n`, {
		mode: 0o755,
	});
	const url = `https://127.0.0.1:${lab.port}/api2/json/nodes/node01/qemu/104/agent/file-read?file=${encodeURIComponent(keyFile)}`;
	const args = ["-s", "--", "proj-k8sm01", "10.25.20.4", String(seconds), url];
	const environment = {
		PATH: `${directory}:${process.env.PATH}`,
		REAL_PATH: process.env.PATH,
		// The second is curl's own, which the provider does not know.
		...(trusts ? { SSL_CERT_FILE: path("ca.pem"), CURL_CA_BUNDLE: path("none.pem") } : {}),
	};
	const child = spawn("bash", args, { env: environment });
	const output = Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
	child.stdin.end(`${script}${token.id}=${token.secret}\n`);
	const [stdout, stderr, [status]] = await output;
	return { status, stdout, stderr, commandLines: readFileSync(path("arguments"), "utf8") };
}

test("the host key is the one that the guest agent reads, once the machine answers with it; no command line has the token", async () => {
	const { status, stdout, stderr, commandLines } = await run(await labWithAgent(), { shown: key });
	expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: `${key}\n`, stderr: "" });
	expect(commandLines).toContain("file-read");
	expect(commandLines).not.toContain(token.secret);
});

test("another machine at the address is refused", async () => {
	const { status, stdout, stderr } = await run(await labWithAgent(), { shown: anotherKey });
	expect([status, stdout]).toEqual([1, ""]);
	expect(stderr).toBe(
		"proj-k8sm01: host-key: the SSH server at 10.25.20.4 has another host key than the one that Proxmox read in the VM, so probably another machine has this address; nothing was sent there. Find that machine, then run `up` again\n",
	);
});

test("the script waits for a machine that does not answer SSH, until its timeout", async () => {
	const { stderr } = await run(await labWithAgent(), { seconds: 2 });
	expect(stderr).toBe("proj-k8sm01: host-key: no SSH server with an ed25519 key answered at 10.25.20.4 within 2 s\n");
});

test("the script explains an image without a guest agent", async () => {
	const lab = await labWithAgent();
	lab.hypervisor.agentAnswers = false;
	const { stderr } = await run(lab, { shown: key, seconds: 2 });
	expect(stderr).toBe(
		"proj-k8sm01: host-key: no guest agent answered within 2 s; with ssh.hostKeySource guest-agent the image has to bring qemu-guest-agent\n",
	);
	expect(lab.proxmox.requests.filter(({ path }) => path.endsWith("file-read")).length).toBeGreaterThan(1);
});

test("the script retries when a Proxmox host is not reachable from its peers", async () => {
	const lab = await labWithAgent();
	lab.proxmox.faults.reply({ path: /file-read/, status: 595, message: "No route to host" });
	lab.proxmox.faults.disconnect({ path: /file-read/ });
	expect((await run(lab, { shown: key, seconds: 30 })).stdout).toBe(`${key}\n`);
});

test("the script waits when the key does not exist yet", async () => {
	const lab = await labWithAgent();
	delete lab.hypervisor.files[keyFile];
	const { stderr } = await run(lab, { shown: key });
	expect(stderr).toContain("Proxmox did not tell within 0 s: HTTP/1.1 500 Agent error: failed to open file");
});

test("the script fails at once when the token lacks the privilege", async () => {
	const lab = await startLab();
	await createVm(lab);
	const { stderr } = await run(lab, { shown: key, seconds: 600 });
	expect(stderr).toMatch(
		/^proj-k8sm01: host-key: Proxmox does not tell the token: 403 Permission check failed \(\/vms\/104, VM\.GuestAgent\.FileRead.*`npm run proxmox:access`/,
	);
});

test("the script sends no token to a Proxmox without a trusted certificate", async () => {
	const lab = await labWithAgent();
	const before = lab.proxmox.requests.length;
	const { stderr } = await run(lab, { shown: key, trusts: false, seconds: 600 });
	expect(stderr).toContain("proj-k8sm01: host-key: the certificate of Proxmox is not trusted here: ");
	expect(lab.proxmox.requests).toHaveLength(before);
});
