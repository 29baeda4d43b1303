import * as pulumi from "@pulumi/pulumi";
import type { Connect } from "../../cluster/api-client.ts";

/** Helm's states of a revision while it works on it: https://helm.sh/docs/topics/advanced/#storage-backends */
const pending = "status in (pending-install,pending-upgrade,pending-rollback)";

/**
 * Lets a run continue after an earlier one was killed while Helm was working. Then Pulumi does not have a release that Helm has
 * ("cannot re-use a name that is still in use"), or Helm has a pending revision and refuses the next one ("another operation
 * (install/upgrade/rollback) is in progress"; pulumi-kubernetes#1727, #2758). Before a creation the hook deletes all of Helm's
 * records of a release of that name, which is in a namespace of this program; before an update, its records of a pending
 * revision. The objects stay, and Helm adopts those that have the release's name.
 *
 * No other run works on the release: the lock of the stack prevents that.
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
				`Helm's state of the release ${release} in the namespace ${namespace} differs from Pulumi's: an earlier run ` +
					"was interrupted, or another program installed the release. Helm's records of revision " +
					`${revisions.join(", ")} were deleted, and Helm starts again.`,
			);
		}
	});
}
