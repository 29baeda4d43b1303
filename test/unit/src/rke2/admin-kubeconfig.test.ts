/** The script that reads the administrator's kubeconfig from the control planes; `ssh` is a double. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";

const script = readFileSync(new URL("../../../../src/rke2/scripts/admin-kubeconfig.sh", import.meta.url), "utf8");
const key = "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n-----END OPENSSH PRIVATE KEY-----";

/** Runs the script with an `ssh` that notes its arguments and files and then does what `answer` says, by address. */
async function run(answer: string) {
	const directory = mkdtempSync(join(tmpdir(), "admin-kubeconfig-"));
	onTestFinished(() => rmSync(directory, { recursive: true }));
	const log = join(directory, "log");
	const double = `#!/bin/sh
for a in "$@"; do case $a in identity|UserKnownHostsFile=*) f=\${a#*=}; stat -c %a "$f"; cat "$f";; *) printf '%s\\n' "$a";; esac; done >>${log}
for address in "$@"; do case $address in ${answer} esac; done
`;
	writeFileSync(join(directory, "ssh"), double, { mode: 0o755 });
	const child = spawn("bash", ["-s", "--", "cluster", "/lib/kubeconfig.sh", "2027-01-01,30"], {
		env: { PATH: `${directory}:${process.env.PATH}`, TMPDIR: directory },
	});
	const output = Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
	const servers = "m1 ops 10.0.0.1 22 ssh-ed25519 AAAA1\nm2 ops 10.0.0.2 2204 ecdsa-sha2-nistp256 AAAA2\n";
	child.stdin.end(`${script}${servers}\n${key}\n`);
	const [stdout, stderr, [status]] = await output;
	return { stdout, stderr, status, log: readFileSync(log, "utf8"), directory };
}

test("admin-kubeconfig.sh prints what every control plane gives, and pins the host key of each", async () => {
	const { stdout, status, log } = await run("ops@10.0.0.1) echo one;; ops@10.0.0.2) echo two;;");
	expect([stdout, status]).toEqual(["---\none\n---\ntwo\n", 0]);
	expect(log).toContain("10.0.0.1 ssh-ed25519 AAAA1\n");
	expect(log).toContain("[10.0.0.2]:2204 ecdsa-sha2-nistp256 AAAA2\n");
	expect(log).toContain("HostKeyAlgorithms=ecdsa-sha2-nistp256\n");
	expect(log).toMatch(/sudo\n-n\ntimeout\n--kill-after=10\n60\n\/lib\/kubeconfig\.sh\nm2\n/);
});

test("admin-kubeconfig.sh takes the others when one does not answer", async () => {
	const { stdout, status } = await run(
		"ops@10.0.0.1) echo 'No route to host' >&2; exit 255;; ops@10.0.0.2) echo two;;",
	);
	expect([stdout, status]).toEqual(["---\ntwo\n", 0]);
});

test("admin-kubeconfig.sh gives the reason of each control plane when none answers, and leaves no key behind", async () => {
	const { stdout, stderr, status, log, directory } = await run('ops@*) echo "refused by $address" >&2; exit 255;;');
	expect([stdout, status]).toEqual(["", 1]);
	expect(stderr).toBe(
		"cluster: kubeconfig: no control plane gives the administrator's kubeconfig; m1: refused by ops@10.0.0.1; m2: refused by ops@10.0.0.2\n",
	);
	expect(log).toContain(`600\n${key}\n`);
	expect(readdirSync(directory).sort()).toEqual(["log", "ssh"]);
});
