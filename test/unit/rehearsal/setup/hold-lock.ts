/** Holds the lock of the cache that its argument names until it is killed. */
import { setTimeout as sleep } from "node:timers/promises";
import { withLock } from "../../../../rehearsal/setup/cache.ts";

const [cache = ""] = process.argv.slice(2);
await withLock(
	cache,
	() => {},
	async () => {
		process.send?.("locked");
		await sleep(60_000);
	},
);
