/** The process inside the network namespace: Pulumi and verification, driven over Node's IPC channel. */
import { join } from "node:path";
import type { StackConfig } from "../../src/config/schema/stack.ts";
import { PulumiCli } from "../engine/cli.ts";
import type { EngineOptions } from "../engine/engine.ts";
import { execute } from "../setup/command.ts";
import { verifyCluster } from "../verify/cluster.ts";
import { pressPower } from "./power.ts";
import type { EngineRequest, Message, Methods, Request } from "./protocol.ts";
import { configureMachine } from "./proxmox-api.ts";
import { sshArguments } from "./ssh.ts";

let cli: PulumiCli | undefined;

const handlers: { [M in keyof Methods]: (params: Methods[M]["params"]) => Promise<Methods[M]["result"]> } = {
	async open(pulumi) {
		cli = new PulumiCli(pulumi);
		return cli.description;
	},
	preview: (request) => opened().preview(withEvents(request)),
	up: (request) => opened().up(withEvents(request)),
	refresh: (request) => opened().refresh(withEvents(request)),
	destroy: (request) => opened().destroy(withEvents(request)),
	import: ({ request, resources }) => opened().import(withEvents(request), resources),
	reach: (request) =>
		opened().command(withEvents(request), join(request.projectDirectory, "src/commands/reach.ts"), request.stack),
	outputs: (request) => opened().outputs(request),
	async interrupt() {
		opened().interrupt();
		return null;
	},
	async kill(what) {
		opened().kill(what);
		return null;
	},
	async cancel(request) {
		await opened().cancel(request);
		return null;
	},
	verify: ({ stack, kubeconfig, helm, identity }) =>
		verifyCluster({ stack, kubeconfig, helm, onNode: rootShell(stack, identity) }),
	async power(request) {
		await pressPower(request);
		return null;
	},
	async configure(request) {
		await configureMachine(request);
		return null;
	},
};

process.on("message", async ({ id, method, params }: Request) => {
	try {
		const handle = handlers[method] as (params: unknown) => Promise<unknown>;
		send({ kind: "result", id, result: await handle(params) });
	} catch (error) {
		send({ kind: "failure", id, message: error instanceof Error ? error.message : String(error) });
	}
});
process.on("disconnect", () => process.exit());

function opened(): PulumiCli {
	if (!cli) {
		throw new Error("The CLI was used before the session said which.");
	}
	return cli;
}

function withEvents(request: EngineRequest): EngineOptions {
	return {
		...request,
		onStep: (step) => send({ kind: "step", step }),
		onDiagnostic: (diagnostic) => send({ kind: "diagnostic", diagnostic }),
	};
}

function rootShell(stack: StackConfig, identity: string) {
	return (node: string, command: string) => execute(["ssh", ...sshArguments(stack, node, identity), "sudo", command]);
}

function send(message: Message): void {
	process.send?.(message);
}
