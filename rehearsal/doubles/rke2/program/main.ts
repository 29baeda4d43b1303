import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runAgent } from "./agent.ts";
import { certificate } from "./cli/certificate.ts";
import { etcdSnapshot } from "./cli/etcd-snapshot.ts";
import { readFlagValues } from "./config/flag-values.ts";
import type { Role } from "./config/flags.ts";
import { type Paths, pathsUnder } from "./paths.ts";
import { FatalError, log, messageOf } from "./process/log.ts";
import { shutdownOnSignals } from "./process/shutdown.ts";

const usage =
	"usage: rke2 server|agent [--key=value ...] | rke2 etcd-snapshot save|prune|ls | rke2 certificate rotate | rke2 --version";

// Tests set both variables to run the program below a temporary directory.
const root = process.env.RKE2_DOUBLE_ROOT ?? "/";
const binaries = process.env.RKE2_DOUBLE_BINARIES ?? "/opt/rehearsal/bin";

async function main(argv: string[]): Promise<void> {
	const [command, ...rest] = argv;
	const version = readFileSync(join(import.meta.dirname, "VERSION"), "utf8").trim();
	if (command === "--version" || command === "-v") {
		process.stdout.write(`rke2 version ${version} (double)\nnode version ${process.version}\n`);
	} else if (command === "server" || command === "agent") {
		await runRole(command, rest, version);
	} else if (command === "etcd-snapshot") {
		await etcdSnapshot(pathsUnder(root, binaries), rest);
	} else if (command === "certificate") {
		certificate(pathsUnder(root, binaries), rest);
	} else if (command === "kube-vip") {
		// RKE2 has no such command. The double uses it to run kube-vip as a process instead of a container.
		const { runKubeVip } = await import("./vip/run.ts");
		await runKubeVip(JSON.parse(readFileSync(0, "utf8")));
		process.exit(0);
	} else {
		throw new FatalError(usage);
	}
}

async function runRole(role: Role, argv: string[], version: string): Promise<void> {
	const shutdown = shutdownOnSignals();
	try {
		const defaults = pathsUnder(root, binaries);
		const flags = readFlagValues(role, argv, defaults.configFile);
		const dataDirectory = flags.text("data-dir");
		const paths: Paths = dataDirectory ? pathsUnder(root, binaries, dataDirectory) : defaults;
		log.info(`Starting rke2 ${role} ${version}`);
		if (role === "agent") {
			await runAgent(paths, flags, version, shutdown);
		} else if (flags.boolean("cluster-reset")) {
			const { resetCluster } = await import("./cluster-reset.ts");
			await resetCluster(paths, flags, shutdown.signal);
		} else {
			// Only servers load it: an agent issues no certificates, and saves the memory of that library.
			const { runServer } = await import("./server.ts");
			await runServer(paths, flags, version, shutdown);
		}
	} catch (error) {
		if (shutdown.signal.aborted) {
			return;
		}
		await shutdown.stop();
		throw error;
	}
}

main(process.argv.slice(2)).catch((error: unknown) => {
	log.fatal(error instanceof FatalError ? error.message : `${messageOf(error)}\n${(error as Error).stack}`);
	process.exit(1);
});
