/** Every chart of the platform with its version, digest, namespace and values, as a stack file asks for them. */
import type { StackConfig } from "../../../src/config/schema.ts";
import { certManagerNamespace, certManagerValues } from "./cert-manager.ts";
import { gpuOperatorNamespace, gpuOperatorValues, timeSlicing } from "./gpu-operator.ts";
import { metallbNamespace, metallbValues } from "./metallb.ts";
import { traefikNamespace, traefikValues } from "./traefik.ts";

/** By the chart's name. */
export function chartValues({ platform, nodes }: Pick<StackConfig, "platform" | "nodes">) {
	const { traefik, certManager, metallb, gpuOperator } = platform;
	return {
		traefik: chart("traefik", traefik, traefikNamespace, traefikValues(traefik)),
		"cert-manager": chart("certManager", certManager, certManagerNamespace, certManagerValues(certManager)),
		metallb: chart("metallb", metallb, metallbNamespace, metallbValues()),
		"gpu-operator": chart("gpuOperator", gpuOperator, gpuOperatorNamespace, gpuOperatorValues(timeSlicing({ nodes }))),
	};
}

function chart(
	key: keyof StackConfig["platform"],
	{ version, sha256 }: { version: string; sha256?: string | undefined },
	namespace: string,
	values: Record<string, unknown>,
) {
	return { digestKey: `platform.${key}.sha256`, version, sha256, namespace, values };
}
