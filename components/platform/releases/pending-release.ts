import * as pulumi from "@pulumi/pulumi";
import type { Connect } from "../api-client.ts";

/** What Helm calls a revision while it is at work on it: https://helm.sh/docs/topics/advanced/#storage-backends */
const pending = "status in (pending-install,pending-upgrade,pending-rollback)";

/**
 * Lets a run go on after one that was killed while Helm was at work. Pulumi then does not know a release that Helm knows
 * ("cannot re-use a name that is still in use"), or Helm keeps a revision as pending and refuses the next one ("another
 * operation (install/upgrade/rollback) is in progress"; pulumi-kubernetes#1727, #2758). Before a creation the hook removes
 * all that Helm noted of a release by that name, which is in a namespace of this program; before an update, what it noted
 * of a pending revision. The objects stay, and Helm takes over those that bear the release's name.
 *
 * Nobody else is at work on the release: the lock of the stack keeps out other runs.
 *
 * @param name unique in the program
 * @param connect with the right to read and delete Secrets
 */
export function freePendingReleases(name: string, connect: Connect): pulumi.ResourceHook {
	return new pulumi.ResourceHook(name, async ({ newInputs, oldInputs }) => {
		const { name: release, namespace } = newInputs as { name: string; namespace: string };
		const api = await connect(({ CoreV1Api }) => CoreV1Api);
		const labelSelector = `owner=helm,name=${release}${oldInputs ? `,${pending}` : ""}`;
		const { items } = await api.listNamespacedSecret({ namespace, labelSelector });
		for (const { metadata } of items) {
			await api.deleteNamespacedSecret({ namespace, name: metadata!.name! });
		}
		if (items.length > 0) {
			const revisions = items.map(({ metadata }) => `${metadata!.labels!.version} (${metadata!.labels!.status})`);
			await pulumi.log.warn(
				`Helm knew the release ${release} in the namespace ${namespace} in a state that Pulumi does not know: an earlier run ` +
					`was ended in the middle, or somebody else installed it. What Helm noted of revision ${revisions.join(", ")} was ` +
					"removed, and Helm starts again.",
			);
		}
	});
}
