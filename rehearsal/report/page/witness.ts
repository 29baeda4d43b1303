/** Writes down what happens in a rehearsal and when, for its report. */
import { nodeStepOf } from "../../../src/facts/resource-names.ts";
import type { Diagnostic, EngineStep, Operation } from "../../engine/engine.ts";

/** Times are in milliseconds since the chapter began. */
export interface Span {
	/** Name of the resource that is worked on. */
	resource: string;
	type: string;
	operation: Operation;
	from: number;
	to: number;
	failed: boolean;
}

export interface Line {
	at: number;
	text: string;
	/** `fault`: something that the rehearsal did to the cluster on purpose. */
	kind: "said" | "error" | "fault";
}

/** What happened since the chapter began. */
export interface Chapter {
	spans: Span[];
	lines: Line[];
}

/** What the witness listens to, as options of a rehearsal. */
export interface Listeners {
	onStep(step: EngineStep): void;
	onDiagnostic(diagnostic: Diagnostic): void;
	/** Something that the rehearsal does to the cluster on purpose, as a sentence. */
	onFault(text: string): void;
}

export class Witness implements Listeners {
	readonly #now: () => number;
	#began: number;
	#open = new Map<string, number>();
	#chapter: Chapter = { spans: [], lines: [] };

	/** @param now milliseconds of a clock */
	constructor(now: () => number = () => performance.now()) {
		this.#now = now;
		this.#began = now();
	}

	/** Begins a chapter. */
	begin(): void {
		this.#began = this.#now();
		this.#open.clear();
		this.#chapter = { spans: [], lines: [] };
	}

	get chapter(): Chapter {
		return this.#chapter;
	}

	onStep = ({ operation, urn, type, phase }: EngineStep): void => {
		const step = `${operation} ${urn}`;
		if (phase === "started") {
			this.#open.set(step, this.#at());
			return;
		}
		const from = this.#open.get(step);
		this.#open.delete(step);
		if (operation !== "same" && from !== undefined && isWork(type)) {
			const resource = urn.split("::").at(-1)!;
			this.#chapter.spans.push({ resource, type, operation, from, to: this.#at(), failed: phase === "failed" });
		}
	};

	onDiagnostic = ({ severity, message }: Diagnostic): void => {
		const at = this.#at();
		const kind = severity === "error" ? "error" : "said";
		const lines = message.split("\n").filter((text) => text.trim() !== "");
		this.#chapter.lines.push(...lines.map((text): Line => ({ at, text, kind })));
	};

	onFault = (text: string): void => {
		this.#chapter.lines.push({ at: this.#at(), text, kind: "fault" });
	};

	#at(): number {
		return Math.round(this.#now() - this.#began);
	}
}

/** Components and providers take no time of their own. */
function isWork(type: string): boolean {
	return !/^(?:pulumi:|rke2-lab:)/.test(type);
}

/** What a span does to a node, for people; nothing when it is of no node. */
export function workOn(node: string, span: Span): string | undefined {
	const part = partOf(node, span);
	return part !== undefined && span.operation === "delete" ? `${part}, deleted` : part;
}

function partOf(node: string, { resource, type }: Span): string | undefined {
	if (type === "proxmoxve:index/vmLegacy:VmLegacy") {
		return resource === node ? "VM" : undefined;
	}
	const step = nodeStepOf(resource);
	return type.startsWith("command:") && step !== undefined && resource === `${node}-${step}` ? step : undefined;
}
