/**
 * The calls from the rehearsal to the session's process in the network namespace. Every process that connects to a lab
 * address must run in that namespace, and Node cannot enter one after its start.
 */

import type { StackConfig } from "../../src/config/schema/stack.ts";
import type { Exported } from "../../src/state/exported.ts";
import type { CommandResult } from "../engine/cli.ts";
import type {
	Diagnostic,
	EngineOptions,
	EngineResult,
	EngineStep,
	ImportedResource,
	StackOutput,
} from "../engine/engine.ts";
import type { Pulumi } from "../setup/pulumi/index.ts";
import type { ClusterReport } from "../verify/cluster.ts";
import type { PowerRequest } from "./power.ts";
import type { ConfigureRequest, MachineAccess } from "./proxmox-api.ts";

/** Engine options without callbacks, which cannot be sent to another process. */
export type EngineRequest = Omit<EngineOptions, "onStep" | "onDiagnostic" | "onEvent">;

interface VerifyRequest {
	stack: StackConfig;
	kubeconfig: string;
	helm: string;
	/** File with the private key of the rehearsal's login. */
	identity: string;
}

export interface Methods {
	/** Chooses the CLI and the plugins of all other calls. Returns their description. */
	open: { params: Pulumi; result: string };
	preview: { params: EngineRequest; result: EngineResult };
	up: { params: EngineRequest; result: EngineResult };
	refresh: { params: EngineRequest; result: EngineResult };
	import: { params: { request: EngineRequest; resources: ImportedResource[] }; result: EngineResult };
	/** Interrupts the running operation. Its call then returns. */
	interrupt: { params: null; result: null };
	/** Kills the running operation. Its call then returns. */
	kill: { params: "cli" | "everything"; result: null };
	cancel: { params: EngineRequest; result: null };
	destroy: { params: EngineRequest; result: EngineResult };
	/** Runs `npm run reach` or `npm run drift`, with these options before the stack. */
	command: { params: { name: "reach" | "drift"; request: EngineRequest; options: string[] }; result: CommandResult };
	outputs: { params: EngineRequest; result: Record<string, StackOutput> };
	/** As `pulumi stack export` prints it, with encrypted secrets. */
	state: { params: EngineRequest; result: Exported };
	verify: { params: VerifyRequest; result: ClusterReport };
	power: { params: PowerRequest; result: null };
	deleteMachine: { params: MachineAccess; result: null };
	configure: { params: ConfigureRequest; result: null };
}

export type Method = keyof Methods;

export type Request = { [M in Method]: { id: number; method: M; params: Methods[M]["params"] } }[Method];

export type Message =
	| { kind: "result"; id: number; result: unknown }
	| { kind: "failure"; id: number; message: string }
	| { kind: "step"; step: EngineStep }
	| { kind: "diagnostic"; diagnostic: Diagnostic };
