import { stringify } from "yaml";
import type { RegistryCredentials } from "../config/schema/registry-credentials.ts";
import type { StackConfig } from "../config/schema/stack.ts";
import type { NodeFile } from "./bundle.ts";
import { paths } from "./paths.ts";

type Registries = StackConfig["cluster"]["registries"];

/** Certificate authorities of registries as files. They are public, unlike registries.yaml, which refers to them. */
export function registryAuthorityFiles({ authorities }: Registries): NodeFile[] {
	return Object.entries(authorities).map(([host, content]) => ({
		path: authorityPath(host),
		mode: "0644",
		owner: "root:root",
		content: content.endsWith("\n") ? content : `${content}\n`,
	}));
}

/**
 * Text of registries.yaml, secret as a whole: mirrors, authorities and credentials are in one file.
 * https://docs.rke2.io/install/private_registry
 */
export function registriesFile({ mirrors, authorities }: Registries, credentials: RegistryCredentials): string {
	const hosts = [...new Set([...Object.keys(authorities), ...Object.keys(credentials)])].sort();
	return stringify({
		mirrors: Object.fromEntries(
			Object.entries(mirrors).map(([name, { endpoints }]) => [name, { endpoint: endpoints }]),
		),
		configs: Object.fromEntries(
			hosts.map((host) => [
				host,
				{
					...(credentials[host] ? { auth: credentials[host] } : {}),
					...(authorities[host] === undefined ? {} : { tls: { ca_file: authorityPath(host) } }),
				},
			]),
		),
	});
}

function authorityPath(host: string): string {
	return `${paths.registryAuthorities}/${host.replace(":", "_")}.pem`;
}
