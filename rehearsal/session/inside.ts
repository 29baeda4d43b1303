/** The process inside the network namespace: engine and verification, driven over Node's IPC channel. */
import type { StackConfig } from "../../src/config/schema.ts";
import type { Engine, EngineOptions } from "../engine/engine.ts";
import { findEngine } from "../engine/find.ts";
import { execute } from "../setup/command.ts";
import { verifyCluster } from "../verify/cluster.ts";
import { pressPower } from "./power.ts";
import type { EngineRequest, Message, Methods, Request } from "./protocol.ts";
import { sshArguments } from "./ssh.ts";

let engine: Engine | undefined;

const handlers: { [M in keyof Methods]: (params: Methods[M]["params"]) => Promise<Methods[M]["result"]> } = {
	async engine({ name, project }) {
		engine = await findEngine(name, project);
		return { name: engine.name, description: engine.description };
	},
	preview: (request) => found().preview(withEvents(request)),
	up: (request) => found().up(withEvents(request)),
	destroy: (request) => found().destroy(withEvents(request)),
	outputs: (request) => found().outputs(withEvents(request)),
	verify: ({ stack, kubeconfig, helm, identity }) =>
		verifyCluster({ stack, kubeconfig, helm, onNode: rootShell(stack, identity) }),
	async power(request) {
		await pressPower(request);
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

function found(): Engine {
	if (!engine) {
		throw new Error("The engine was used before it was looked for.");
	}
	return engine;
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
