/** Ports of a server: https://docs.rke2.io/install/requirements#inbound-network-rules */
export const apiPort = 6443;
/** The supervisor, where nodes register. */
export const registrationPort = 9345;
