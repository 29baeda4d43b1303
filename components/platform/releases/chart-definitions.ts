import type { V1CustomResourceDefinition } from "@kubernetes/client-node";
import type { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import type { Connect } from "../../cluster/api-client.ts";

/** The inputs of a release that determine its package and how Helm renders it. */
interface ReleaseInputs {
	name: string;
	chart: string;
	version: string;
	namespace: string;
	values: Record<string, unknown>;
	repositoryOpts: { repo: string };
}

interface DefinitionsArgs {
	provider: Provider;
	/** With the right to change definitions of custom resources. */
	connect: Connect;
	/** Kubernetes version of the cluster. */
	kubernetes: string;
}

/** Owner of the fields at the API server. */
const fieldManager = "rke2-lab-chart-definitions";

/** Milliseconds that the API server may take to serve a new definition. */
const servingTimeout = 30_000;

/**
 * Updates the definitions in a chart's `crds` folder to the version of a release before the release is created or updated. Helm
 * creates them once and never updates them: https://helm.sh/docs/chart_best_practices/custom_resource_definitions/.
 * The provider downloads the same package as for the release. Definitions among the chart's templates are left to Helm. No
 * definition is ever deleted: Kubernetes would delete its objects, too.
 *
 * A preview names the release whose definitions will change, and needs neither the cluster nor the repository for that.
 *
 * @param name unique in the program
 */
export function updateDefinitions(name: string, { provider, connect, kubernetes }: DefinitionsArgs) {
	return new pulumi.ResourceHook(
		name,
		async ({ newInputs, oldInputs }) => {
			const release = newInputs as ReleaseInputs;
			const before = (oldInputs as ReleaseInputs | undefined)?.version;
			if (pulumi.runtime.isDryRun()) {
				if (before !== undefined && before !== release.version) {
					await pulumi.log.info(
						`${release.name} goes from ${before} to ${release.version}: \`up\` first updates the definitions of custom resources in the chart's crds folder, which Helm does not do.`,
					);
				}
				return;
			}
			const definitions = await definitionsIn(release, provider, kubernetes);
			if (definitions.length > 0) {
				await apply(definitions, release, connect);
			}
		},
		{ onDryRun: true },
	);
}

/** The definitions in the `crds` folders of the chart and its subcharts: those that only rendering with them has. */
async function definitionsIn(
	release: ReleaseInputs,
	provider: Provider,
	kubernetes: string,
): Promise<V1CustomResourceDefinition[]> {
	const render = async (withoutFolder: boolean): Promise<V1CustomResourceDefinition[]> => {
		const options = {
			chart: release.chart,
			version: release.version,
			fetch_opts: { repo: release.repositoryOpts.repo },
			release_name: release.name,
			namespace: release.namespace,
			values: release.values,
			kube_version: kubernetes,
			skip_crd_rendering: withoutFolder,
		};
		const { result } = await pulumi.runtime.invoke(
			"kubernetes:helm:template",
			{ jsonOpts: JSON.stringify(options) },
			{ provider },
		);
		return (result as V1CustomResourceDefinition[]).filter(({ kind }) => kind === "CustomResourceDefinition");
	};
	const all = await render(false);
	const templated = all.length === 0 ? [] : await render(true);
	const names = new Set(templated.map(({ metadata }) => metadata?.name));
	return all.filter(({ metadata }) => !names.has(metadata?.name));
}

async function apply(
	definitions: readonly V1CustomResourceDefinition[],
	{ name, version }: ReleaseInputs,
	connect: Connect,
): Promise<void> {
	const { PatchStrategy, setHeaderOptions } = await import("@kubernetes/client-node");
	const api = await connect(({ ApiextensionsV1Api }) => ApiextensionsV1Api);
	const asApply = setHeaderOptions("Content-Type", PatchStrategy.ServerSideApply);
	for (const body of definitions) {
		const definition = body.metadata?.name ?? "";
		try {
			await api.patchCustomResourceDefinition({ name: definition, body, fieldManager, force: true }, asApply);
			await waitUntilServed(() => api.readCustomResourceDefinition({ name: definition }));
		} catch (error) {
			throw new Error(
				`${name}: the definition ${definition} cannot be updated to version ${version}, so the release was not changed: ${reasonOf(error)}`,
			);
		}
	}
}

/** Resolves once the API server serves the definition's objects. */
async function waitUntilServed(read: () => Promise<V1CustomResourceDefinition>): Promise<void> {
	for (const end = Date.now() + servingTimeout; ; ) {
		const { status } = await read();
		if (status?.conditions?.some(({ type, status }) => type === "Established" && status === "True")) {
			return;
		}
		if (Date.now() > end) {
			throw new Error(`the API server did not serve it within ${servingTimeout / 1000} s`);
		}
		await new Promise((resolve) => setTimeout(resolve, 500));
	}
}

/** The message of the API server, if it has answered. */
function reasonOf(error: unknown): string {
	const { body, message } = error as { body?: string; message: string };
	try {
		return (JSON.parse(body ?? "") as { message: string }).message;
	} catch {
		return message;
	}
}
