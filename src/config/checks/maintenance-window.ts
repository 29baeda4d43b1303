import type { Problem } from "../read/problems.ts";
import type { StackConfig } from "../schema/stack.ts";

/** A window that never opens would refuse every change of a node. */
export function checkMaintenanceWindow({ cluster: { maintenanceWindow } }: StackConfig): Problem[] {
	if (!maintenanceWindow || maintenanceWindow.start < maintenanceWindow.end) {
		return [];
	}
	const { start, end } = maintenanceWindow;
	return [
		{
			key: "cluster.maintenanceWindow.end",
			message: `is ${end} and must be later on the same day than the start, ${start}: otherwise the window never opens.`,
		},
	];
}
