import { budgetBlocksThenIsLifted } from "./budget-blocks-then-is-lifted.ts";
import { crashSweep } from "./crash-sweep.ts";
import { faultSweep } from "./fault-sweep.ts";
import { memberFailsDuringADrain } from "./member-fails-during-a-drain.ts";
import { noOpRun } from "./no-op-run.ts";
import { oneServerDead } from "./one-server-dead.ts";
import { patchUpgrade } from "./patch-upgrade.ts";
import { rollbackOfAMinor } from "./rollback-of-a-minor.ts";
import { rolloutOfASetting } from "./rollout-of-a-setting.ts";
import type { Scenario } from "./scenario.ts";

/** All scenarios, in the order in which `--scenario all` runs them. Each leaves a healthy cluster to the next one. */
export const scenarios: readonly Scenario[] = [
	noOpRun,
	rolloutOfASetting,
	patchUpgrade,
	memberFailsDuringADrain,
	oneServerDead,
	budgetBlocksThenIsLifted,
	rollbackOfAMinor,
	crashSweep,
	faultSweep,
];
