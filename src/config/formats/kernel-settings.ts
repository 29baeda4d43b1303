/** Kernel settings by their name and value, as sysctl reads them. */
import { kubernetesKernelSettings, tunableKernelSettings } from "../../facts/kernel-settings.ts";

/** A number, numbers with blanks or commas between them, or the name of an algorithm. */
const plainValue = /^[\w,-]+(?:[ \t]+[\w,-]+)*$/;

/**
 * Whether a setting is listed as harmless and has a value that the list allows. A pattern such as `net.ipv4.conf.*.rp_filter`
 * is not: it sets more than one.
 */
export function isListedKernelSetting(name: string, value: string | number): boolean {
	if (!Object.hasOwn(tunableKernelSettings, name)) {
		return Object.hasOwn(minimums, name) && Number(value) >= minimums[name]!;
	}
	const allowed = tunableKernelSettings[name]!;
	return allowed === "any" ? plainValue.test(String(value)) : allowed.some((one) => String(one) === String(value));
}

const minimums: Readonly<Record<string, number>> = kubernetesKernelSettings;
