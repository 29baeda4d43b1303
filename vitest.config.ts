import { defineConfig } from "vitest/config";

export default defineConfig({
	test: {
		projects: [
			{
				test: {
					name: "unit",
					include: ["test/unit/**/*.test.ts"],
					// Some start a policy runner: seconds on a quiet machine, more while the set-up builds beside them.
					testTimeout: 120_000,
					hookTimeout: 120_000,
					// First, while the set-up builds: a group of the default order, 0, would come last.
					sequence: { groupOrder: 1 },
				},
			},
			{
				test: {
					name: "rehearsal",
					include: ["test/{engine,rehearsal}/**/*.test.ts"],
					// Each boots machines and a control plane, and mostly waits: two at a time, and never beside the others.
					maxWorkers: 2,
					sequence: { groupOrder: 2 },
					testTimeout: 600_000,
					// The first one may wait until the set-up has built everything.
					hookTimeout: 3_600_000,
				},
			},
		],
	},
});
