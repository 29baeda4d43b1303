/** A workstation in the network of the nodes, with Proxmox and the publishers in reach (segment.sh, doctor-lab.ts). */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { resolve as absolute } from "node:path";
import type { DoctorLab } from "./doctor-lab.ts";

interface Surroundings {
	/** Addresses in the nodes' network that other machines have, beside the gateway. */
	neighbours?: string[];
	labEnvironment?: Record<string, string>;
}

export async function startLab(
	description: DoctorLab,
	{ neighbours = [], labEnvironment }: Surroundings = {},
): Promise<ChildProcess> {
	const program = [process.execPath, "test/rehearsal/support/doctor-lab.ts", JSON.stringify(description)];
	const segment = ["test/rehearsal/support/segment.sh", ["10.25.20.1", ...neighbours].join()];
	const lab = spawn("unshare", ["--net", "sh", ...segment, ...program], {
		detached: true,
		stdio: ["ignore", "pipe", "inherit"],
		env: { ...process.env, ...labEnvironment },
	});
	await new Promise<void>((resolve, reject) => {
		lab.stdout.once("data", () => resolve());
		lab.once("exit", (code) => reject(new Error(`the lab ended with ${code}`)));
	});
	return lab;
}

/** Ends the whole group: the shell, its neighbour and the double. */
export function endLab({ pid }: ChildProcess): void {
	process.kill(-pid!);
}

export interface Printed {
	status: number;
	stdout: string;
	stderr: string;
}

/** Runs a program of this repository with Node in the network of a lab, without a terminal. */
export function runIn(
	{ pid }: ChildProcess,
	[file = "", ...parameters]: string[],
	environment: Record<string, string>,
	cwd = ".",
): Promise<Printed> {
	const { SSH_AUTH_SOCK: _, ...others } = process.env;
	return new Promise((resolve) => {
		const child = execFile(
			"nsenter",
			[`--net=/proc/${pid}/ns/net`, process.execPath, absolute(file), ...parameters],
			{ env: { ...others, ...environment }, cwd },
			(error, stdout, stderr) => resolve({ status: error ? Number(error.code) : 0, stdout, stderr }),
		);
		child.stdin?.end();
	});
}
