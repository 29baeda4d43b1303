/** Names that the GPU Operator and the device plugin share. */

/** PCI vendor id. */
export const nvidiaVendor = "10de";

/** Name of the device plugin's DaemonSet, and the label `app` of its pods. */
export const devicePluginName = "nvidia-device-plugin-daemonset";

/** Environment variable of the device plugin: the key of its ConfigMap for nodes without a label. */
export const defaultConfigVariable = "DEFAULT_CONFIG";
