/** Names that the GPU Operator and the device plugin share. */

/** PCI vendor id. */
export const VENDOR = "10de";

/** Name of the device plugin's DaemonSet, and the label `app` of its pods. */
export const DEVICE_PLUGIN = "nvidia-device-plugin-daemonset";

/** Variable of the device plugin's container: key of its ConfigMap for nodes without a label of their own. */
export const DEFAULT_CONFIG = "DEFAULT_CONFIG";
