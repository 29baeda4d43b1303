/** The network interface of every node, and the ports that RKE2 fixes. */

/** The only network interface of a node, under the name that Proxmox's cloud-init configuration gives it. */
export const nodeInterface = "eth0";

/** Port of the Kubernetes API: https://docs.rke2.io/install/requirements#inbound-network-rules */
export const apiPort = 6443;

/** Port of RKE2's supervisor, at which nodes register. */
export const registrationPort = 9345;
