/** Which of the device plugin's configurations a node uses. */

/**
 * Read by the plugin's configuration manager on the node.
 * https://docs.nvidia.com/datacenter/cloud-native/gpu-operator/latest/gpu-sharing.html
 */
export const sharingLabel = "nvidia.com/device-plugin.config";

/** For nodes without the label: a pod has its GPU to itself. */
export const exclusive = "exclusive";

/** @param timeSlices pods that take turns on a GPU, at least 2 */
export function shared(timeSlices: number): string {
	return `shared-${timeSlices}`;
}
