import * as pulumi from "@pulumi/pulumi";
import { nodeStepName } from "../../src/facts/resource-names.ts";
import { serverAnswers } from "./answering.ts";
import { type Connect, connectWith } from "./api-client.ts";
import { Membership } from "./membership.ts";

/**
 * Removes what the cluster remembers of the machine that had a node's name before: RKE2 would refuse the machine that is made anew.
 * Bind the hook to the creation of the step that writes the tokens: RKE2 has never started on the machine then. A node whose kubelet
 * is alive is left alone, since its machine is still the old one.
 *
 * It works through the API, because no server is certain to be there, with the kubeconfig of the last `up`: that of this one is
 * read after the joins.
 *
 * @param name unique in the program
 * @param kubeconfig the administrator's, as the last `up` recorded it; without it no machine was ever replaced
 * @param restoring whether the same `up` restores etcd, which forgets the servers that are no members: then the API may be away
 */
export function forgetFormerNode(
	name: string,
	kubeconfig: string | undefined,
	restoring: boolean,
): pulumi.ResourceHook {
	return new pulumi.ResourceHook(name, async ({ name: resource }) => {
		if (kubeconfig === undefined) {
			return;
		}
		const node = resource.slice(0, -nodeStepName("", "token").length);
		const connect = connectWith(kubeconfig);
		if (restoring && !(await serverAnswers(connect))) {
			await pulumi.log.info(`The API does not answer, so the restored cluster forgets the former machine of ${node}.`);
			return;
		}
		await forget(node, connect);
	});
}

async function forget(node: string, connect: Connect): Promise<void> {
	const membership = await Membership.of(connect);
	if (await membership.isAlive(node)) {
		await pulumi.log.info(`${node} is a member whose kubelet is alive, so that the cluster keeps it.`);
	} else if (await membership.remove(node)) {
		await pulumi.log.info(`The cluster has forgotten the former machine of ${node}; the new one joins under its name.`);
	}
}
