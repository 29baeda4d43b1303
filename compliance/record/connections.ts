/** Connections of pods in every form that the stack file has for them. */

/** One port and several, of each protocol. */
const portsOfConnections = [
	{ ports: [443] },
	{ ports: [443, 8443] },
	{ ports: [53], protocol: "UDP" },
	{ ports: [161, 162], protocol: "UDP" },
];
/** A host, a network of others, one with machines of the lab in it, and the internet. */
export const allowTo = ["10.25.10.20/32", "192.168.9.0/24", "10.16.0.0/12", "internet"].flatMap((cidr) =>
	portsOfConnections.map((ports) => ({ cidr, ...ports })),
);
export const allowFrom = ["openwebui", "monitoring"].flatMap((namespace) =>
	portsOfConnections.map((ports) => ({ namespace, ...ports })),
);
