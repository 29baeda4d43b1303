/** Runs tasks one after another, in the order of their calls. After one that failed each later one ends with its error. */
export class OneAtATime {
	#last: Promise<unknown> = Promise.resolve();

	run<Result>(task: () => Promise<Result>): Promise<Result> {
		const done = this.#last.then(task);
		this.#last = done;
		return done;
	}
}
