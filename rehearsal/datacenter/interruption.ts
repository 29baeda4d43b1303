import { destroyRun } from "./destroy-run.ts";
import type { Run } from "./run.ts";

const signals = ["SIGINT", "SIGTERM"] as const;

/** Takes a run away when the process is interrupted, and then ends the process. */
export class Interruption {
	/** Present once interrupted; the process ends before it resolves. */
	ending: Promise<never> | undefined;
	readonly #interrupted: () => void;

	constructor(run: Run) {
		// A terminal signals the whole group, and npm passes the signal on: it comes more than once.
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
