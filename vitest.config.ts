import { defineConfig } from "vitest/config";

export default defineConfig({
	test: {
		projects: [
			{
				test: {
					name: "unit",
					include: ["test/{unit,components,policies}/**/*.test.ts"],
					// Some start a policy runner or an engine: seconds on a quiet machine, more on a busy one.
					testTimeout: 120_000,
					hookTimeout: 120_000,
				},
			},
			{
				test: {
					name: "rehearsal",
					include: ["test/{engine,rehearsal}/**/*.test.ts"],
					// Each boots machines and a control plane, and mostly waits: two at a time, and never beside the others.
					maxWorkers: 2,
					sequence: { groupOrder: 1 },
					testTimeout: 600_000,
					hookTimeout: 1_200_000,
				},
			},
		],
	},
});
