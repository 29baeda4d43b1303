import { budgetBlocksThenIsLifted } from "./budget-blocks-then-is-lifted.ts";
import { certificatesExpired } from "./certificates-expired.ts";
import { corruptMember } from "./corrupt-member.ts";
import { crashSweep } from "./crash-sweep.ts";
import { everyMachineReboots } from "./every-machine-reboots.ts";
import { faultSweep } from "./fault-sweep.ts";
import { firstNodeNeverWorks } from "./first-node-never-works.ts";
import { flappingMember } from "./flapping-member.ts";
import { memberFailsDuringADrain } from "./member-fails-during-a-drain.ts";
import { noOpRun } from "./no-op-run.ts";
import { nodeCordonedByAPerson } from "./node-cordoned-by-a-person.ts";
import { oneServerDead } from "./one-server-dead.ts";
import { patchUpgrade } from "./patch-upgrade.ts";
import { podWithAFinalizer } from "./pod-with-a-finalizer.ts";
import { rollbackOfAMinor } from "./rollback-of-a-minor.ts";
import { rolloutOfASetting } from "./rollout-of-a-setting.ts";
import type { Scenario } from "./scenario.ts";
import { twoServersDead } from "./two-servers-dead.ts";
import { volumeStaysAttached } from "./volume-stays-attached.ts";
import { wholeClusterOffAndOn } from "./whole-cluster-off-and-on.ts";
import { windowClosesDuringARollout } from "./window-closes-during-a-rollout.ts";
import { workersTogether } from "./workers-together.ts";

/** All scenarios, in the order in which `--scenario all` runs them. Each leaves a healthy cluster to the next one. */
export const scenarios: readonly Scenario[] = [
	noOpRun,
	rolloutOfASetting,
	patchUpgrade,
	workersTogether,
	volumeStaysAttached,
	memberFailsDuringADrain,
	oneServerDead,
	budgetBlocksThenIsLifted,
	podWithAFinalizer,
	nodeCordonedByAPerson,
	windowClosesDuringARollout,
	firstNodeNeverWorks,
	flappingMember,
	twoServersDead,
	corruptMember,
	certificatesExpired,
	everyMachineReboots,
	wholeClusterOffAndOn,
	rollbackOfAMinor,
	crashSweep,
	faultSweep,
];
