/** Runs at most `width` tasks at a time, in the order of asking. */
export function limiter(width: number): <Result>(task: () => Promise<Result>) => Promise<Result> {
	let running = 0;
	const waiting: (() => void)[] = [];
	return async (task) => {
		if (running >= width) {
			await new Promise<void>((resolve) => waiting.push(resolve));
		} else {
			running += 1;
		}
		try {
			return await task();
		} finally {
			const next = waiting.shift();
			if (next) {
				next();
			} else {
				running -= 1;
			}
		}
	};
}
