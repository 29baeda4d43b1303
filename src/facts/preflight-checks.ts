/** What preflight.sh looks at on a node, by the names that its findings begin with. */
export const preflightChecks = [
	...(["operating-system", "architecture", "kernel", "cgroups", "commands", "apparmor", "firewall"] as const),
	...(["network-services", "gpu-driver", "disk", "swap", "hostname", "machine-id", "entropy", "interface"] as const),
	...(["clock", "conflicts", "download"] as const),
] as const;
