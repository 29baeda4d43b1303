/** Every chart of the platform with its version and values, as a stack file asks for them. */
import type { StackConfig } from "../../../src/config/schema.ts";
import { certManagerValues } from "./cert-manager.ts";
import { gpuOperatorValues, timeSlicing } from "./gpu-operator.ts";
import { metallbValues } from "./metallb.ts";
import { traefikValues } from "./traefik.ts";

export function chartValues({ platform, nodes }: Pick<StackConfig, "platform" | "nodes">) {
	const { traefik, certManager, metallb, gpuOperator } = platform;
	return {
		traefik: { version: traefik.version, values: traefikValues(traefik) },
		"cert-manager": { version: certManager.version, values: certManagerValues(certManager) },
		metallb: { version: metallb.version, values: metallbValues() },
		"gpu-operator": { version: gpuOperator.version, values: gpuOperatorValues(timeSlicing({ nodes })) },
	};
}
