import { log, messageOf } from "./log.ts";

/** Ends the process in order: parts stop in the reverse order of their start. */
export interface Shutdown {
	/** Aborts when the shutdown begins. Every loop and wait depends on it. */
	signal: AbortSignal;
	onStop(stop: () => Promise<void>): void;
	/** Stops everything once. Later calls wait for the first one. */
	stop(): Promise<void>;
}

export function shutdownOnSignals(): Shutdown {
	const controller = new AbortController();
	const steps: (() => Promise<void>)[] = [];
	let stopping: Promise<void> | undefined;
	const stop = () => {
		stopping ??= (async () => {
			controller.abort(new Error("the process is ending"));
			for (const step of steps.reverse()) {
				await step().catch((error: unknown) => log.warning(`while stopping: ${messageOf(error)}`));
			}
		})();
		return stopping;
	};
	for (const name of ["SIGTERM", "SIGINT"] as const) {
		process.on(name, () => {
			log.info(`received ${name}, stopping`);
			void stop().then(() => process.exit(0));
		});
	}
	return { signal: controller.signal, onStop: (step) => steps.push(step), stop };
}
