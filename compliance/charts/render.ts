/** Renders a chart with values, without a cluster. */
import type { Helm } from "./helm.ts";

export interface RenderOptions {
	/** Path of a package, or of a folder with the chart. */
	source: string;
	/** Name of the release. */
	name: string;
	namespace: string;
	values: Readonly<Record<string, unknown>>;
	/** Version of Kubernetes to render for; Helm accepts a version of RKE2. */
	kubernetes: string;
}

/**
 * The objects of a release, its hooks and its definitions of custom resources among them.
 *
 * @throws Error in one sentence when the source is not a chart, or refuses the values
 */
export async function renderChart(helm: Helm, options: RenderOptions): Promise<string> {
	const { source, name, namespace, values, kubernetes } = options;
	const parameters = ["--namespace", namespace, "--kube-version", kubernetes, "--include-crds", "--values", "-"];
	try {
		return await helm(["template", name, source, ...parameters], JSON.stringify(values));
	} catch (error) {
		throw new Error(`Helm cannot render ${source}: ${(error as Error).message}.`);
	}
}
