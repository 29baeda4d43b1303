import { dataDisk } from "../facts/data-disk.ts";
import { apiPort, registrationPort } from "../facts/network.ts";
import { paths } from "./paths.ts";

/** What the program and the scripts of a node both know, by its name in the scripts. */
export const nodeConstants = {
	TOOLKIT: paths.toolkit,
	STATE: paths.state,
	RKE2_CONFIG: paths.configuration,
	RKE2_DATA: paths.data,
	MANIFESTS: paths.manifests,
	AGENT_TOKEN: paths.agentToken,
	REGISTRIES: paths.registries,
	CERTIFICATE_ROTATION: paths.certificateRotation,
	KEEPALIVED: paths.keepalived,
	API_PORT: apiPort,
	REGISTRATION_PORT: registrationPort,
	/** The admission policy that refuses all writing of Secrets while the key that encrypts them is rotated. */
	FREEZE: "rke2-lab-key-rotation",
	/** The annotation of that policy with the value of `cluster.secretsEncryptionKey`. */
	ROTATES_TO: "rke2-lab/rotates-to",
	DATA_SERIAL: dataDisk.serial,
	DATA: dataDisk.directory,
} as const;

/** The first lines of lib.sh on a node. No value needs quotes. */
export function renderNodeConstants(): string {
	return Object.entries(nodeConstants)
		.map(([name, value]) => `readonly ${name}=${value}\n`)
		.join("");
}
