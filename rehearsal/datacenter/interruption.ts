import type { Run } from "../run/run.ts";
import { destroyRun } from "./destroy-run.ts";

const signals = ["SIGINT", "SIGTERM"] as const;

/** Removes a run when the process is interrupted, and then ends the process. */
export class Interruption {
	/** Set after an interruption. The process ends before it resolves. */
	ending: Promise<never> | undefined;
	readonly #interrupted: () => void;

	constructor(run: Run) {
		// The signal arrives more than once: a terminal signals the whole process group, and npm forwards the signal too.
		this.#interrupted = () => {
			this.ending ??= destroyRun(run).then(() => process.exit(130));
		};
		for (const signal of signals) {
			process.on(signal, this.#interrupted);
		}
	}

	ignore(): void {
		for (const signal of signals) {
			process.off(signal, this.#interrupted);
		}
	}
}
