import type { Diagnostic } from "../../engine/engine.ts";

/** Diagnostics of the running operation, for scenarios that act in the middle of one. */
export class Diagnostics {
	readonly #waiting = new Set<(diagnostic: Diagnostic) => void>();

	tell(diagnostic: Diagnostic): void {
		for (const listener of this.#waiting) {
			listener(diagnostic);
		}
	}

	wait(what: string, matches: (diagnostic: Diagnostic) => boolean, seconds = 300): Promise<void> {
		const waiting = new Promise<void>((resolve, reject) => {
			const end = (settle: () => void) => {
				clearTimeout(timer);
				this.#waiting.delete(listener);
				settle();
			};
			const listener = (diagnostic: Diagnostic) => {
				if (matches(diagnostic)) {
					end(resolve);
				}
			};
			const timer = setTimeout(
				() => end(() => reject(new Error(`${what} did not come in ${seconds} s`))),
				seconds * 1000,
			);
			timer.unref();
			this.#waiting.add(listener);
		});
		// A scenario that fails earlier never comes to this promise.
		waiting.catch(() => undefined);
		return waiting;
	}
}
