/** Every chart of the platform with its version, digest, namespace and values, as a stack file asks for them. */

import type { StackConfig } from "../../src/config/schema/stack.ts";
import type { chartRepositories } from "../../src/facts/chart-repositories.ts";
import { platformNamespaces } from "../../src/facts/platform-namespaces.ts";
import { certManagerValues } from "./cert-manager/values.ts";
import { gpuOperatorValues } from "./gpu-operator/values.ts";
import { metallbValues } from "./metallb/values.ts";
import { traefikValues } from "./traefik/values.ts";

export type ChartName = keyof typeof chartRepositories;

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

/** Which package of each chart that the stack file names, by the chart's name. */
export function chartPins({ traefik, certManager, metallb, gpuOperator }: StackConfig["platform"]) {
	return {
		traefik: pin("traefik", traefik),
		...(certManager && { "cert-manager": pin("certManager", certManager) }),
		...(metallb && { metallb: pin("metallb", metallb) }),
		...(gpuOperator && { "gpu-operator": pin("gpuOperator", gpuOperator) }),
	} satisfies Partial<Record<ChartName, ChartPin>>;
}

/** Of each chart that the stack file names, by the chart's name. */
export function chartValues(stack: StackConfig): Partial<Record<ChartName, PlatformChart>> {
	const { certManager, gpuOperator, traefik } = stack.platform;
	const values: Record<ChartName, () => Record<string, unknown>> = {
		traefik: () => traefikValues(traefik, certManager !== undefined),
		"cert-manager": () => certManagerValues(stack, certManager!),
		metallb: metallbValues,
		"gpu-operator": () => gpuOperatorValues(stack, gpuOperator!),
	};
	return Object.fromEntries(
		(Object.entries(chartPins(stack.platform)) as [ChartName, ChartPin][]).map(([chart, found]) => [
			chart,
			{ ...found, namespace: namespaces[chart], values: values[chart]() },
		]),
	);
}

const namespaces: Record<ChartName, string> = {
	traefik: platformNamespaces.traefik,
	"cert-manager": platformNamespaces.certManager,
	metallb: platformNamespaces.metallb,
	"gpu-operator": platformNamespaces.gpuOperator,
};

function pin(
	key: keyof StackConfig["platform"],
	{ version, sha256 }: { version: string; sha256?: string | undefined },
): ChartPin {
	return { version, sha256, digestKey: `platform.${key}.sha256` };
}
