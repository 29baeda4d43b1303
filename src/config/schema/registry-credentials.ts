/** The secret `registryCredentials`, which is JSON. */
import { z } from "zod";
import { checkPropertyNames } from "../checks/property-names.ts";
import { hostAndPort } from "./formats.ts";

const credentials = z.record(hostAndPort, z.strictObject({ username: z.string().min(1), password: z.string().min(1) }));

/** User name and password by the registry's host. */
export type RegistryCredentials = z.output<typeof credentials>;

export function isRegistryCredentials(text: string): boolean {
	try {
		const value: unknown = JSON.parse(text);
		return checkPropertyNames(value).length === 0 && credentials.safeParse(value).success;
	} catch {
		return false;
	}
}

/** @param text what {@link isRegistryCredentials} accepts */
export function parseRegistryCredentials(text: string): RegistryCredentials {
	return credentials.parse(JSON.parse(text));
}
