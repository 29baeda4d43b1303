/** Components and the stack itself: nothing is done for them, they only hold outputs. */
import { z } from "zod";
import type { ResourceType } from "../resource-type.ts";
import type { Properties } from "../wire.ts";

export const component: ResourceType = {
	inputs: z.record(z.string(), z.unknown()) as unknown as z.ZodType<Properties>,
	replaceOn: [],
	keepsOutputs: true,
	async create() {
		return { id: "", outputs: {} };
	},
	async update() {
		return {};
	},
	async delete() {},
};
