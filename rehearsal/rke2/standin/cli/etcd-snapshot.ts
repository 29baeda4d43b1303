import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readFlagValues } from "../config/flag-values.ts";
import { LOCAL_ETCD } from "../etcd/client.ts";
import type { Paths } from "../paths.ts";
import { FatalError, log } from "../process/log.ts";

/** `rke2 etcd-snapshot save [--name NAME]` and `rke2 etcd-snapshot ls`: real snapshots of the local member. */
export function etcdSnapshot(paths: Paths, argv: string[]): void {
	const [command = "save", ...rest] = argv;
	const configured = readFlagValues("server", [], paths.configFile);
	const directory = configured.text("etcd-snapshot-dir") ?? paths.snapshots;
	if (command === "save") {
		save(paths, directory, configured.text("node-name") ?? hostname(), rest);
	} else if (command === "ls" || command === "list") {
		list(directory);
	} else {
		throw new FatalError(`rke2 etcd-snapshot: unknown command ${JSON.stringify(command)}; save and ls are known`);
	}
}

function save(paths: Paths, directory: string, nodeName: string, argv: string[]): void {
	const { values } = parseArgs({ args: argv, options: { name: { type: "string", default: "on-demand" } } });
	mkdirSync(directory, { recursive: true, mode: 0o700 });
	const name = `${values.name}-${nodeName}-${Math.floor(Date.now() / 1_000)}`;
	const tls = (file: string) => join(paths.etcdTls, file);
	execFileSync(
		join(paths.binaries, "etcdctl"),
		[
			`--endpoints=${LOCAL_ETCD}`,
			`--cacert=${tls("server-ca.crt")}`,
			`--cert=${tls("client.crt")}`,
			`--key=${tls("client.key")}`,
			"snapshot",
			"save",
			join(directory, name),
		],
		{ stdio: ["ignore", "ignore", "inherit"] },
	);
	log.info(`Snapshot ${name} saved.`);
}

function list(directory: string): void {
	process.stdout.write("Name Location Size Created\n");
	if (!existsSync(directory)) {
		return;
	}
	for (const name of readdirSync(directory).sort()) {
		const file = join(directory, name);
		const { size, mtime } = statSync(file);
		process.stdout.write(`${name} file://${file} ${size} ${mtime.toISOString()}\n`);
	}
}
