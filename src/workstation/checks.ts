/** Conditions of the workstation that would break an `up`, or make it differ from the stack file. */
import { apiHost } from "../config/derived/endpoints.ts";
import type { StackConfig } from "../config/schema/stack.ts";
import { apiPort } from "../facts/network.ts";
import { proxyFor, proxyForms } from "./proxy.ts";
import type { Workstation } from "./workstation.ts";

const day = 24 * 60 * 60 * 1000;

/** Variables about the request rate of the Kubernetes provider, and about overwriting changes of another program. */
const harmless = /^PULUMI_K8S_(?:CLIENT_(?:BURST|QPS|TIMEOUT)|ENABLE_PATCH_FORCE)$/;

/** @returns one sentence for each mistake, without the value of any variable */
export function workstationMistakes(workstation: Workstation, stack: StackConfig): string[] {
	return [
		...platform(workstation),
		...packages(workstation),
		...clock(workstation),
		...commands(workstation, stack),
		...variables(workstation),
		...files(workstation),
	];
}

/** @returns one sentence for each condition that may be intended */
export function workstationWarnings({ environment }: Workstation, stack: StackConfig): string[] {
	const servers = [new URL(stack.proxmox.endpoint), new URL(`https://${apiHost(stack.cluster)}:${apiPort}`)];
	return servers.flatMap((server) => {
		const proxy = proxyFor(server, environment);
		if (proxy === undefined) {
			return [];
		}
		const host = server.hostname;
		return proxy.url === undefined
			? [
					`${proxy.variable} is not the address of an HTTP proxy, and NO_PROXY does not have ${host}: add ${host} to NO_PROXY when it is reached directly; otherwise write ${proxyForms}.`,
				]
			: [
					`${proxy.variable} is set and NO_PROXY does not have ${host}: the providers would use the proxy for it; add ${host} to NO_PROXY when it is reached directly.`,
				];
	});
}

function platform({ platform, node }: Workstation): string[] {
	if (platform === "win32") {
		return ["This is Windows, and the program needs bash and ssh-keyscan: run Pulumi on Linux or macOS, or in WSL."];
	}
	return Number.parseInt(node, 10) >= 24
		? []
		: [`Node is ${node}; the program needs 24 or newer: put it first in PATH, where Pulumi finds it.`];
}

function packages({ pinned, installed }: Workstation): string[] {
	const others = Object.entries(pinned)
		.filter(([name, version]) => installed && installed[name] !== version)
		.map(([name, version]) => `${name} ${installed?.[name] ?? "(missing)"} in place of ${version}`);
	return others.length === 0
		? []
		: [`node_modules differs from the lock file (${others.join(", ")}): run \`npm ci --ignore-scripts\`.`];
}

/** A clock that is behind the time of the checkout is wrong, and no new certificate would be valid. */
function clock({ now, checkedOut }: Workstation): string[] {
	return now > checkedOut - day
		? []
		: [
				`The clock says ${new Date(now).toISOString()}, and this program was written here on ${new Date(checkedOut).toISOString()}: set the clock, because otherwise no certificate is valid.`,
			];
}

function commands({ hasCommand }: Workstation, { ssh, proxmox }: StackConfig): string[] {
	const asksProxmox = ssh.hostKeySource === "guest-agent" || proxmox.snapshotsBeforeChange !== undefined;
	const needed = ["bash", "ssh", "ssh-keyscan", ...(asksProxmox ? ["curl"] : [])];
	const missing = needed.filter((name) => !hasCommand(name));
	return missing.length === 0
		? []
		: [
				`PATH has no ${missing.join(", ")}, which the connections to machines and to Proxmox need: install bash, OpenSSH's client and curl.`,
			];
}

function variables({ environment, isSocket }: Workstation): string[] {
	const set = Object.keys(environment).filter((name) => environment[name] !== undefined);
	const proxmox = set.filter((name) => name.startsWith("PROXMOX_VE_"));
	const kubernetes = set.filter((name) => name.startsWith("PULUMI_K8S_") && !harmless.test(name));
	const agent = environment.SSH_AUTH_SOCK;
	return [
		// For example PROXMOX_VE_INSECURE, and a ticket, which the provider prefers to the token.
		...unsetHint(proxmox, "which the Proxmox provider uses beside the stack file"),
		...unsetHint(kubernetes, "which the Kubernetes provider uses beside the program"),
		...(environment.NODE_TLS_REJECT_UNAUTHORIZED === "0"
			? ["NODE_TLS_REJECT_UNAUTHORIZED is 0, which switches the verification of certificates off: unset it."]
			: []),
		// The command provider asks the agent for keys although it has one, and fails when there is no agent
		// (pulumi-command 1.2.1, remote/connection.go).
		...(agent && !isSocket(agent)
			? ["SSH_AUTH_SOCK is not a socket, and no command would reach a node: unset it, or restart the SSH agent."]
			: []),
	];
}

function unsetHint(names: string[], what: string): string[] {
	return names.length === 0 ? [] : [`${names.join(", ")}: set here, ${what}: run \`unset ${names.join(" ")}\`.`];
}

function files({ temporary, isWritable }: Workstation): string[] {
	return isWritable(temporary)
		? []
		: [`${temporary} is not writable, and providers keep temporary files there: set TMPDIR to a writable directory.`];
}
