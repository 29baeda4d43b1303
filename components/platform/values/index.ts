/** Every chart of the platform with its version, digest, namespace and values, as a stack file asks for them. */
import { platformNamespaces } from "../../../src/config/platform-namespaces.ts";
import type { StackConfig } from "../../../src/config/schema.ts";
import { certManagerValues } from "./cert-manager.ts";
import { gpuOperatorValues } from "./gpu-operator.ts";
import { metallbValues } from "./metallb.ts";
import { traefikValues } from "./traefik.ts";

export type ChartName = keyof ReturnType<typeof chartPins>;

/** What a chart is installed with, and checked with before. */
export interface PlatformChart extends ChartPin {
	namespace: string;
	/** Known at preview, so that policies can judge them. */
	values: Record<string, unknown>;
}

interface ChartPin {
	/** Exact version, as the repository's index has it. */
	version: string;
	sha256: string | undefined;
	/** Key of the stack file that `sha256` stands under. */
	digestKey: string;
}

/** Which package of each chart, by the chart's name. */
export function chartPins({ traefik, certManager, metallb, gpuOperator }: StackConfig["platform"]) {
	return {
		traefik: pin("traefik", traefik),
		"cert-manager": pin("certManager", certManager),
		metallb: pin("metallb", metallb),
		"gpu-operator": pin("gpuOperator", gpuOperator),
	};
}

/** By the chart's name. */
export function chartValues(stack: StackConfig): Record<ChartName, PlatformChart> {
	const { platform } = stack;
	const pins = chartPins(platform);
	return {
		traefik: {
			...pins.traefik,
			namespace: platformNamespaces.traefik,
			values: traefikValues(platform.traefik),
		},
		"cert-manager": {
			...pins["cert-manager"],
			namespace: platformNamespaces.certManager,
			values: certManagerValues(stack),
		},
		metallb: { ...pins.metallb, namespace: platformNamespaces.metallb, values: metallbValues() },
		"gpu-operator": {
			...pins["gpu-operator"],
			namespace: platformNamespaces.gpuOperator,
			values: gpuOperatorValues(stack),
		},
	};
}

function pin(
	key: keyof StackConfig["platform"],
	{ version, sha256 }: { version: string; sha256?: string | undefined },
): ChartPin {
	return { version, sha256, digestKey: `platform.${key}.sha256` };
}
