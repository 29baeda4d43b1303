/** One call of the Proxmox API, as an administrator's own script makes it. */

/** A machine, and who asks for it. */
export interface MachineAccess {
	/** URL of the Proxmox API. */
	endpoint: string;
	/** `user@realm!name=uuid` */
	apiToken: string;
	host: string;
	vmId: number;
}

/**
 * @param path below the machine's host
 * @param parameters of the body, none by default
 * @returns the data of the answer
 * @throws Error with the method, the path and Proxmox' reason
 */
export async function callProxmox(
	{ endpoint, apiToken, host }: MachineAccess,
	method: "GET" | "POST" | "PUT",
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
	/** As the API calls them and writes their values, e.g. `memory: "4096"` in MiB. */
	settings: Record<string, string>;
}

/** Edits the machine's configuration; what cannot change while it runs, waits for its next start. */
export async function configureMachine({ settings, ...access }: ConfigureRequest): Promise<void> {
	await callProxmox(access, "PUT", `qemu/${access.vmId}/config`, settings);
}
