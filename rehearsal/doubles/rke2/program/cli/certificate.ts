import { copyFileSync, cpSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import type { Paths } from "../paths.ts";
import { FatalError, log } from "../process/log.ts";

/** Pairs of a certificate and its key, without the ending: below server/tls, and below agent. */
interface Pairs {
	server?: readonly string[];
	agent?: readonly string[];
}

/** By service, what `rke2 certificate rotate` removes (k3s-io/k3s, pkg/util/services/services.go), as far as the double has it. */
const services: Readonly<Record<string, Pairs>> = {
	"api-server": { server: ["client-kube-apiserver", "serving-kube-apiserver"] },
	admin: { server: ["client-admin"] },
	"auth-proxy": { server: ["client-auth-proxy"] },
	"cloud-controller": {},
	"controller-manager": { server: ["client-controller"] },
	etcd: { server: ["etcd/client", "etcd/server-client", "etcd/peer-server-client"] },
	scheduler: { server: ["client-scheduler"] },
	supervisor: { server: ["client-supervisor"] },
	"rke2-server": {},
	"kube-proxy": { agent: ["client-kube-proxy"] },
	kubelet: { agent: ["client-kubelet", "serving-kubelet"] },
	"rke2-controller": { server: ["client-rke2-controller"], agent: ["client-rke2-controller"] },
};
const servicesOfAgents = ["kube-proxy", "kubelet", "rke2-controller"];

/**
 * `rke2 certificate rotate [--service NAME,...]`: keeps the certificates and keys under `tls-<seconds>` and removes them, so that the
 * next start makes them anew. Without names it takes those of servers wherever a directory of a server is. It does not look whether
 * RKE2 runs, and touches no authority (k3s-io/k3s, pkg/cli/cert/cert.go; docs.rke2.io/security/certificates).
 */
export function certificate(paths: Paths, argv: readonly string[]): void {
	const [command, ...rest] = argv;
	if (command !== "rotate") {
		throw new FatalError(`rke2 certificate: unknown command ${JSON.stringify(command)}; rotate is known`);
	}
	const isServer = existsSync(paths.server);
	const names = namedServices(rest) ?? (isServer ? Object.keys(services) : servicesOfAgents);
	for (const name of names.filter((one) => !Object.hasOwn(services, one))) {
		throw new FatalError(`service ${name} is not recognized`);
	}
	const chosen = names.map((name) => services[name]!);
	const ofAgent = files(
		paths.agent,
		chosen.flatMap(({ agent }) => agent ?? []),
	);
	const ofServer = files(
		paths.tls,
		chosen.flatMap(({ server }) => server ?? []),
	);
	const backup = join(existsSync(paths.tls) ? paths.server : paths.agent, `tls-${Math.floor(Date.now() / 1_000)}`);
	if (existsSync(paths.tls)) {
		cpSync(paths.tls, backup, { recursive: true });
	}
	mkdirSync(backup, { recursive: true, mode: 0o700 });
	for (const file of ofAgent.filter((one) => existsSync(one))) {
		copyFileSync(file, join(backup, basename(file)));
	}
	for (const file of [...ofServer, ...ofAgent]) {
		rmSync(file, { force: true });
	}
	log.info(
		`Successfully backed up certificates to ${backup}, please restart rke2 server or agent to rotate certificates`,
	);
}

function namedServices([flag, list]: readonly string[]): string[] | undefined {
	if (flag === undefined) {
		return undefined;
	}
	if (flag !== "--service" || list === undefined) {
		throw new FatalError(
			`rke2 certificate rotate: unknown argument ${JSON.stringify(flag)}; --service NAME,... is known`,
		);
	}
	return list.split(",");
}

function files(directory: string, pairs: readonly string[]): string[] {
	return pairs.flatMap((pair) => ["crt", "key"].map((ending) => join(directory, `${pair}.${ending}`)));
}
