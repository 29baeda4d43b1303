import { totalmem } from "node:os";
import { configDefaults, defineConfig } from "vitest/config";

/** GiB that the largest rehearsal takes at its peak, with a reserve. */
const memoryOfRehearsal = 7;
/** Three at a time keep two processors busy; a fourth one only makes the others wait. */
const rehearsals = Math.max(1, Math.min(3, Math.floor(totalmem() / 2 ** 30 / memoryOfRehearsal)));

/**
 * Rehearsals of further modes of the API, of all switches, of the ways in, of the S3 store, of the examples and of scenarios. The time of
 * a CI run is limited, so they run everywhere but there.
 */
const variations = [
	"failover-external",
	"switches",
	"proxmox-switches",
	"exposure",
	"snapshot-store",
	"examples",
	"scenarios",
];
const notInCi = process.env.CI === "true" ? variations.map((name) => `test/rehearsal/${name}.test.ts`) : [];

export default defineConfig({
	test: {
		projects: [
			{
				test: {
					name: "unit",
					include: ["test/unit/**/*.test.ts"],
					// The default leaves one processor to others, which is half of a machine with two.
					maxWorkers: "100%",
					// Some start a policy runner: seconds on a quiet machine, more while the set-up builds beside them.
					testTimeout: 300_000,
					hookTimeout: 600_000,
					// The default of one second is short for a process that starts on a busy machine.
					expect: { poll: { timeout: 10_000 } },
					// First, while the set-up builds: a group of the default order, 0, would come last.
					sequence: { groupOrder: 1 },
				},
			},
			{
				test: {
					name: "rehearsal",
					include: ["test/{engine,rehearsal}/**/*.test.ts"],
					exclude: [...configDefaults.exclude, ...notInCi],
					// Each boots machines and a control plane, and often waits. They never run beside the others.
					maxWorkers: rehearsals,
					// The CLI saves the state once, at the end of an operation: saving it at each step is most of the CLI's work.
					// Tests that kill an operation open their rehearsal with `checkpoints: true`.
					env: { PULUMI_SKIP_CHECKPOINTS: "true" },
					sequence: { groupOrder: 2 },
					testTimeout: 600_000,
					// The first one may wait until the set-up has built everything.
					hookTimeout: 3_600_000,
				},
			},
		],
	},
});
