import { destroyRun } from "../datacenter/destroy-run.ts";
import { countLeftovers } from "../datacenter/leftovers.ts";
import { describeRun } from "../run/run.ts";

/** Removes the run that `--keep` or a crash left. Returns the exit code. */
export async function down(say: (line: string) => void): Promise<number> {
	const run = describeRun();
	await destroyRun(run);
	const leftovers = Object.entries(countLeftovers(run));
	const remaining = leftovers.filter(([, count]) => count > 0);
	say(`Left over: ${leftovers.map(([kind, count]) => `${count} ${kind}`).join(", ")}.`);
	return remaining.length === 0 ? 0 : 1;
}
