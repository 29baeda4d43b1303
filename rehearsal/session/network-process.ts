/** The session's process in the network namespace. It runs Pulumi and the verification, and gets its calls over IPC. */
import { join } from "node:path";
import type { StackConfig } from "../../src/config/schema/stack.ts";
import { PulumiCli } from "../engine/cli.ts";
import type { EngineOptions } from "../engine/engine.ts";
import { execute } from "../setup/command.ts";
import { verifyCluster } from "../verify/cluster.ts";
import { changePower, deleteMachine } from "./power.ts";
import type { EngineRequest, Message, Methods, Request } from "./protocol.ts";
import { configureMachine } from "./proxmox-api.ts";
import { sshArguments } from "./ssh.ts";

let cli: PulumiCli | undefined;

const handlers: { [M in keyof Methods]: (params: Methods[M]["params"]) => Promise<Methods[M]["result"]> } = {
	async open(pulumi) {
		cli = new PulumiCli(pulumi);
		return cli.description;
	},
	// A preview changes nothing, so no timeline has its steps. Its result has them.
	preview: (request) => openedCli().preview({ ...withEvents(request), onStep: undefined }),
	up: (request) => openedCli().up(withEvents(request)),
	refresh: (request) => openedCli().refresh(withEvents(request)),
	destroy: (request) => openedCli().destroy(withEvents(request)),
	import: ({ request, resources }) => openedCli().import(withEvents(request), resources),
	command: ({ name, request, options }) =>
		openedCli().command(
			withEvents(request),
			join(request.projectDirectory, `src/commands/${name}.ts`),
			...options,
			request.stack,
		),
	outputs: (request) => openedCli().outputs(request),
	state: (request) => openedCli().state(request),
	async interrupt() {
		openedCli().interrupt();
		return null;
	},
	async kill(what) {
		openedCli().kill(what);
		return null;
	},
	async cancel(request) {
		await openedCli().cancel(request);
		return null;
	},
	verify: ({ stack, kubeconfig, helm, identity }) =>
		verifyCluster({ stack, kubeconfig, helm, onNode: rootShell(stack, identity) }),
	async power(request) {
		await changePower(request);
		return null;
	},
	async deleteMachine(access) {
		await deleteMachine(access);
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

function openedCli(): PulumiCli {
	if (!cli) {
		throw new Error("The session called the CLI before `open`.");
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
