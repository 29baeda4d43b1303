/**
 * What the process outside the rehearsal's network asks of the one inside. A process cannot move into a network
 * namespace after its start, and everything that talks to a lab address must run in one.
 */

import type { StackConfig } from "../../src/config/schema/stack.ts";
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
import type { ConfigureRequest } from "./proxmox-api.ts";

/** Engine options that survive being sent to another process. */
export type EngineRequest = Omit<EngineOptions, "onStep" | "onDiagnostic" | "onEvent">;

interface VerifyRequest {
	stack: StackConfig;
	kubeconfig: string;
	helm: string;
	/** Private key file of the rehearsal's own login. */
	identity: string;
}

export interface Methods {
	/** Says which CLI and plugins every other call uses, and returns how they are described. */
	open: { params: Pulumi; result: string };
	preview: { params: EngineRequest; result: EngineResult };
	up: { params: EngineRequest; result: EngineResult };
	refresh: { params: EngineRequest; result: EngineResult };
	import: { params: { request: EngineRequest; resources: ImportedResource[] }; result: EngineResult };
	/** Interrupts the operation that runs; its own call then returns. */
	interrupt: { params: null; result: null };
	/** Kills the operation that runs; its own call then returns. */
	kill: { params: "cli" | "everything"; result: null };
	cancel: { params: EngineRequest; result: null };
	destroy: { params: EngineRequest; result: EngineResult };
	/** Has the program reach its nodes as the stack says: `npm run reach`. */
	reach: { params: EngineRequest; result: CommandResult };
	outputs: { params: EngineRequest; result: Record<string, StackOutput> };
	verify: { params: VerifyRequest; result: ClusterReport };
	power: { params: PowerRequest; result: null };
	configure: { params: ConfigureRequest; result: null };
}

export type Method = keyof Methods;

export type Request = { [M in Method]: { id: number; method: M; params: Methods[M]["params"] } }[Method];

export type Message =
	| { kind: "result"; id: number; result: unknown }
	| { kind: "failure"; id: number; message: string }
	| { kind: "step"; step: EngineStep }
	| { kind: "diagnostic"; diagnostic: Diagnostic };
