/** Starts the session's process in the network namespace (network-process.ts), and calls it. */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Network } from "../doubles/network/network.ts";
import type { Diagnostic, EngineStep } from "../engine/engine.ts";
import type { Message, Method, Methods } from "./protocol.ts";

export interface SessionListeners {
	onStep?: (step: EngineStep) => void;
	onDiagnostic?: (diagnostic: Diagnostic) => void;
}

export class Session {
	readonly #child: ChildProcess;
	readonly #listeners: SessionListeners;
	readonly #waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
	#nextId = 0;

	constructor(network: Network, environment: Record<string, string>, listeners: SessionListeners = {}) {
		this.#listeners = listeners;
		const networkProcess = fileURLToPath(new URL("network-process.ts", import.meta.url));
		const [program, ...args] = network.enterWithNames([process.execPath, networkProcess]);
		this.#child = spawn(program, args, {
			env: { ...process.env, ...environment },
			stdio: ["ignore", "inherit", "inherit", "ipc"],
		});
		this.#child.on("message", (message) => this.#receive(message as Message));
		this.#child.on("exit", (code, signal) => this.#fail(`The process in the network ended (${signal ?? code}).`));
		this.#child.on("error", (error) => this.#fail(`The process in the network did not start: ${error.message}`));
	}

	call<M extends Method>(method: M, params: Methods[M]["params"]): Promise<Methods[M]["result"]> {
		this.#nextId += 1;
		const id = this.#nextId;
		return new Promise((resolve, reject) => {
			this.#waiting.set(id, { resolve: resolve as (result: unknown) => void, reject });
			this.#child.send({ id, method, params }, (error) => error && reject(error));
		});
	}

	async close(): Promise<void> {
		if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
			return;
		}
		const ended = new Promise((resolve) => this.#child.once("exit", resolve));
		this.#child.disconnect();
		await ended;
	}

	#receive(message: Message): void {
		switch (message.kind) {
			case "step":
				this.#listeners.onStep?.(message.step);
				return;
			case "diagnostic":
				this.#listeners.onDiagnostic?.(message.diagnostic);
				return;
			case "result":
				this.#waiting.get(message.id)?.resolve(message.result);
				break;
			case "failure":
				this.#waiting.get(message.id)?.reject(new Error(message.message));
				break;
		}
		this.#waiting.delete(message.id);
	}

	#fail(reason: string): void {
		for (const { reject } of this.#waiting.values()) {
			reject(new Error(reason));
		}
		this.#waiting.clear();
	}
}
