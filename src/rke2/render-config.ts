import { stringify } from "yaml";
import { configKeys, type Rke2Role } from "./keys.ts";

export type ConfigValue = string | number | boolean | readonly string[];

/**
 * Text of a config.yaml, keys in alphabetical order.
 *
 * @throws RangeError naming every key that RKE2 does not accept for the role
 */
export function renderConfig(role: Rke2Role, values: Readonly<Record<string, ConfigValue>>): string {
	const unknown = Object.keys(values).filter((key) => !configKeys[role].has(key));
	if (unknown.length > 0) {
		throw new RangeError(
			`${unknown.join(", ")}: not in the configuration of an RKE2 ${role}, which would ignore it with a warning; the known keys are in src/rke2/keys.ts.`,
		);
	}
	const sorted = Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
	// RKE2 reads YAML 1.1, where an unquoted 0600 is the number 384 and yes is true (rancher/rke2#4739).
	return stringify(sorted, { version: "1.1", lineWidth: 0 });
}
