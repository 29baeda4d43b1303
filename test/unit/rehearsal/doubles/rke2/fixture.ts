import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { extract } from "tar";
import { onTestFinished } from "vitest";
import { buildRelease } from "../../../../../rehearsal/doubles/rke2/release/release.ts";

export const rke2Version = "v1.35.7+rke2r1";

/** Builds the release and unpacks it, as a machine's install script does; returns the prefix. */
export async function installRelease(): Promise<string> {
	const directory = mkdtempSync(join(tmpdir(), "rke2-double-"));
	const { tarball } = await buildRelease({ version: rke2Version, directory });
	await extract({ file: tarball, cwd: directory });
	return directory;
}

/** Kernel parameters that `profile: cis` wants. */
const hardenedSysctls: Record<string, string> = {
	"vm/overcommit_memory": "1",
	"vm/panic_on_oom": "0",
	"kernel/panic": "10",
	"kernel/panic_on_oops": "1",
};

export interface MachineRootOptions {
	/** Text of config.yaml. */
	config: string;
	dropIns?: Record<string, string>;
	sysctls?: Record<string, string>;
	/** Whether the system user and group exist. Default true. */
	etcdUser?: boolean;
	/** Further files, content by path. */
	files?: Record<string, string>;
}

/** A directory, for one test, that stands for the root of a machine that is hardened unless the options say otherwise. */
export function machineRoot(options: MachineRootOptions): string {
	const root = mkdtempSync(join(tmpdir(), "rke2-machine-"));
	onTestFinished(() => rmSync(root, { recursive: true }));
	const write = (path: string, content: string) => {
		mkdirSync(dirname(join(root, path)), { recursive: true });
		writeFileSync(join(root, path), content);
	};
	const account = options.etcdUser === false ? "" : "etcd:x:52034:52034::/nonexistent:/sbin/nologin\n";
	write("etc/passwd", `root:x:0:0::/root:/bin/sh\n${account}`);
	write("etc/group", `root:x:0:\n${account}`);
	write("etc/rancher/rke2/config.yaml", options.config);
	for (const [name, text] of Object.entries(options.dropIns ?? {})) {
		write(`etc/rancher/rke2/config.yaml.d/${name}`, text);
	}
	for (const [path, content] of Object.entries(options.files ?? {})) {
		write(path, content);
	}
	for (const [name, value] of Object.entries({ ...hardenedSysctls, ...options.sysctls })) {
		write(`proc/sys/${name}`, value);
	}
	return root;
}

export interface Run {
	exitCode: number;
	/** Messages of the log, in order, as `level: text`. */
	log: string[];
}

/** Runs the installed program on a machine that it refuses to start on. */
export function runDouble(prefix: string, root: string, ...argv: string[]): Promise<Run> {
	const main = join(prefix, "share/rke2/double/main.js");
	const env = { ...process.env, RKE2_DOUBLE_ROOT: root, RKE2_DOUBLE_BINARIES: "/nonexistent" };
	return new Promise((resolve) => {
		execFile(process.execPath, [main, ...argv], { env, timeout: 100_000 }, (error, _stdout, stderr) => {
			const exitCode = error === null ? 0 : Number(error.code ?? -1);
			resolve({
				exitCode,
				log: [...stderr.matchAll(/level=(\w+) msg=(".*")/g)].map((m) => `${m[1]}: ${JSON.parse(m[2]!)}`),
			});
		});
	});
}
