import { readFileSync } from "node:fs";
import { parse } from "yaml";

/** Versions that a new stack gets: those of the lab's stack file, with which the tests run. */
export interface Versions {
	rke2: string;
	imageUrl: string;
	traefik: string;
	certManager: string;
	gpuOperator: string;
}

export function currentVersions(): Versions {
	const { config } = parse(readFileSync(new URL("../../Pulumi.lab.yaml", import.meta.url), "utf8"));
	const { traefik, certManager, gpuOperator } = config["rke2-lab:platform"];
	return {
		rke2: config["rke2-lab:cluster"].version,
		imageUrl: config["rke2-lab:proxmox"].image.url,
		traefik: traefik.version,
		certManager: certManager.version,
		gpuOperator: gpuOperator.version,
	};
}
