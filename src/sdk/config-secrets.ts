/** Whether Pulumi has a configuration value as a secret. */
import * as config from "@pulumi/pulumi/runtime/config.js";

/**
 * The SDK does not declare this function: `Config` uses it to warn of a secret that a program reads as plain text.
 *
 * @param key with the project's name: `rke2-lab:clusterToken`
 */
export function isConfigSecret(key: string): boolean {
	return (config as typeof config & { isConfigSecret: (key: string) => boolean }).isConfigSecret(key);
}
