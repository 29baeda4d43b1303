import { setTimeout as sleep } from "node:timers/promises";

/** Resolves when the check does. Rejects with the last error of the check after the timeout. */
export async function eventually<Result>(check: () => Result | Promise<Result>, seconds = 60): Promise<Result> {
	for (const end = Date.now() + seconds * 1000; ; await sleep(200)) {
		try {
			return await check();
		} catch (error) {
			if (Date.now() > end) {
				throw error;
			}
		}
	}
}
