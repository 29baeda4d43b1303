/** The checks of preflight.sh on a node; each of its findings begins with the name of the check. */
export const preflightChecks = [
	...(["operating-system", "architecture", "kernel", "cgroups", "commands", "apparmor", "firewall"] as const),
	...(["network-services", "gpu-driver", "disk", "swap", "hostname", "machine-id", "entropy", "interface"] as const),
	...(["clock", "conflicts", "download", "registries"] as const),
] as const;
