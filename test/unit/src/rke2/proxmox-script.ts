/** The scripts that ask Proxmox about a VM, against its double. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { createVm, type Lab, leastPrivileges, startLab, token } from "../../rehearsal/doubles/proxmox/fixture.ts";

/** A lab with the running VM 104 on node01. */
export async function labWithVm(...options: Parameters<typeof startLab>): Promise<Lab> {
	const lab = await startLab(...options);
	await createVm(lab);
	return lab;
}

/** Options of a lab whose token has one more privilege on VMs. */
export function withPrivilege(privilege: string): Parameters<typeof startLab>[0] {
	const userAcl = leastPrivileges.map((entry) =>
		entry.path === "/vms" ? { ...entry, privileges: [...entry.privileges, privilege] } : entry,
	);
	return { tokens: [{ ...token, userAcl }] };
}

/** Runs a script as the program does: the token on standard input. */
export async function runScript(lab: Lab, script: string, action: string, args: readonly string[], vm = "104") {
	const directory = mkdtempSync(join(tmpdir(), "proxmox-script-"));
	onTestFinished(() => rmSync(directory, { recursive: true }));
	const path = (name: string) => join(directory, name);
	writeFileSync(path("ca.pem"), lab.caPem);
	// Notes what a process list would show.
	writeFileSync(path("curl"), `#!/bin/sh\necho "$@" >>'${path("arguments")}'\nPATH=$REAL_PATH exec curl "$@"\n`, {
		mode: 0o755,
	});
	const api = `https://127.0.0.1:${lab.port}/api2/json`;
	const file = fileURLToPath(new URL(`../../../../src/rke2/scripts/${script}`, import.meta.url));
	const child = spawn("bash", [file, action, "proj-k8sw01", api, "node01", vm, ...args], {
		env: {
			PATH: `${directory}:${process.env.PATH}`,
			REAL_PATH: process.env.PATH,
			SSL_CERT_FILE: path("ca.pem"),
		},
	});
	const output = Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
	child.stdin.end(`${token.id}=${token.secret}\n`);
	const [stdout, stderr, [status]] = await output;
	const commandLines = readFileSync(path("arguments"), "utf8");
	return { status, stdout, stderr, showsToken: commandLines.includes(token.secret), commandLines };
}
