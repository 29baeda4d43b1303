/** Calls of the Proxmox API, as in an administrator's script. */

/** A machine, and the token for its API. */
export interface MachineAccess {
	/** URL of the Proxmox API. */
	endpoint: string;
	/** `user@realm!name=uuid` */
	apiToken: string;
	host: string;
	vmId: number;
}

/**
 * @param path path below the machine's host
 * @param parameters parameters of the body; default none
 * @returns the data of the answer
 * @throws Error with the method, the path and Proxmox' reason
 */
export async function callProxmox(
	{ endpoint, apiToken, host }: MachineAccess,
	method: "GET" | "POST" | "PUT" | "DELETE",
	path: string,
	parameters?: Record<string, string>,
): Promise<unknown> {
	const response = await fetch(new URL(path, new URL(`/api2/json/nodes/${host}/`, endpoint)), {
		method,
		headers: { Authorization: `PVEAPIToken=${apiToken}` },
		...(parameters && { body: new URLSearchParams(parameters) }),
	});
	if (!response.ok) {
		throw new Error(`Proxmox refused ${method} ${path}: ${response.status} ${response.statusText}`);
	}
	return ((await response.json()) as { data: unknown }).data;
}

export interface ConfigureRequest extends MachineAccess {
	/** Names and values of the API, for example `memory: "4096"` in MiB. */
	settings: Record<string, string>;
}

/** Changes the machine's configuration. Some changes wait for its next start. */
export async function configureMachine({ settings, ...access }: ConfigureRequest): Promise<void> {
	await callProxmox(access, "PUT", `qemu/${access.vmId}/config`, settings);
}
