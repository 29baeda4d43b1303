/** The nodes' only network card, under the name that Proxmox's cloud-init configuration gives it. */
export const nodeInterface = "eth0";
