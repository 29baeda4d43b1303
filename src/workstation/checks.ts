/** What on the machine that runs the program would break an `up`, or make it do something else than the stack file says. */

import { apiHost, proxmoxHost } from "../config/derived/endpoints.ts";
import { contains, isAddress } from "../config/formats/addresses.ts";
import type { StackConfig } from "../config/schema/stack.ts";
import type { Workstation } from "./workstation.ts";

const day = 24 * 60 * 60 * 1000;

/** How fast the Kubernetes provider asks, and that this run may take back what another program has changed. */
const harmless = /^PULUMI_K8S_(?:CLIENT_(?:BURST|QPS|TIMEOUT)|ENABLE_PATCH_FORCE)$/;

/** A sentence each, without the value of any variable. */
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

/** What may be meant so. */
export function workstationWarnings({ environment }: Workstation, stack: StackConfig): string[] {
	const name = ["HTTPS_PROXY", "https_proxy"].find((variable) => environment[variable]);
	if (!name) {
		return [];
	}
	const exceptions = (environment.NO_PROXY ?? environment.no_proxy ?? "").split(",").map((entry) => entry.trim());
	return [proxmoxHost(stack), apiHost(stack.cluster)]
		.filter((host) => !exceptions.some((exception) => covers(exception, host)))
		.map(
			(host) =>
				`${name} is set and NO_PROXY does not have ${host}: the providers would ask the proxy for it; add ${host} to NO_PROXY where it is reached directly.`,
		);
}

function platform({ platform, node }: Workstation): string[] {
	if (platform === "win32") {
		return [
			"This is Windows, and machines are met by bash and ssh-keyscan: run Pulumi on Linux or macOS, or inside of WSL.",
		];
	}
	return Number.parseInt(node, 10) >= 24
		? []
		: [`Node is ${node}; the program needs 24 or newer: put it first in PATH, where Pulumi takes it from.`];
}

function packages({ pinned, installed }: Workstation): string[] {
	const others = Object.entries(pinned)
		.filter(([name, version]) => installed && installed[name] !== version)
		.map(([name, version]) => `${name} ${installed?.[name] ?? "(missing)"} in place of ${version}`);
	return others.length === 0
		? []
		: [`node_modules is not what the lock file says (${others.join(", ")}): run \`npm ci --ignore-scripts\`.`];
}

/** One that is behind what it has written itself is wrong, and no certificate that is new would be valid. */
function clock({ now, checkedOut }: Workstation): string[] {
	return now > checkedOut - day
		? []
		: [
				`The clock says ${new Date(now).toISOString()}, and this program was written here on ${new Date(checkedOut).toISOString()}: set the clock, or no certificate is valid.`,
			];
}

function commands({ hasCommand }: Workstation, { ssh }: StackConfig): string[] {
	const needed = ["bash", "ssh-keyscan", ...(ssh.hostKeySource === "guest-agent" ? ["curl"] : [])];
	const missing = needed.filter((name) => !hasCommand(name));
	return missing.length === 0
		? []
		: [`PATH has no ${missing.join(", ")}, by which new machines are met: install bash, OpenSSH's client and curl.`];
}

function variables({ environment, isSocket }: Workstation): string[] {
	const set = Object.keys(environment).filter((name) => environment[name] !== undefined);
	const proxmox = set.filter((name) => name.startsWith("PROXMOX_VE_"));
	const kubernetes = set.filter((name) => name.startsWith("PULUMI_K8S_") && !harmless.test(name));
	const agent = environment.SSH_AUTH_SOCK;
	return [
		// Among them PROXMOX_VE_INSECURE, and a ticket that goes before the token.
		...says(proxmox, "which the Proxmox provider takes beside what the stack file says"),
		...says(kubernetes, "which the Kubernetes provider takes beside what the program says"),
		...(environment.NODE_TLS_REJECT_UNAUTHORIZED === "0"
			? ["NODE_TLS_REJECT_UNAUTHORIZED is 0, and no certificate would be verified: unset it."]
			: []),
		// The command provider asks the agent for keys although it has one, and gives up where it cannot
		// (pulumi-command 1.2.1, remote/connection.go).
		...(agent && !isSocket(agent)
			? ["SSH_AUTH_SOCK names no socket, and no command would reach a node: unset it, or start the agent again."]
			: []),
	];
}

function says(names: string[], what: string): string[] {
	return names.length === 0 ? [] : [`${names.join(", ")}: set here, ${what}: run \`unset ${names.join(" ")}\`.`];
}

function files({ temporary, isWritable }: Workstation): string[] {
	return isWritable(temporary)
		? []
		: [`${temporary} cannot be written, where providers keep temporary files: set TMPDIR to a directory that can.`];
}

/** As Go's clients read an entry of NO_PROXY: https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config */
function covers(exception: string, host: string): boolean {
	if (exception === "*" || exception === host) {
		return true;
	}
	if (isAddress(host)) {
		return /^[\d.]+\/\d+$/.test(exception) && contains(exception, host);
	}
	return exception !== "" && host.endsWith(`.${exception.replace(/^\./, "")}`);
}
