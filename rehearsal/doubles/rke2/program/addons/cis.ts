import type { KubeClient, KubeObject } from "../kube/client.ts";
import { log } from "../process/log.ts";
import { retry } from "../process/retry.ts";
import { everyNamespacePolicies, kubeSystemPolicies } from "./cis-policies.ts";

const hardenedNamespaces = ["kube-system", "kube-public", "default"];
const serviceAccountNamespaces = [...hardenedNamespaces, "kube-node-lease"];

/** Adds once what `profile: cis` adds to the namespaces that every cluster has. */
export async function hardenNamespaces(kube: KubeClient, signal: AbortSignal): Promise<void> {
	for (const namespace of serviceAccountNamespaces) {
		await retry({ signal, interval: 500, waitingFor: `Waiting for the default service account of ${namespace}` }, () =>
			kube.patch(`/api/v1/namespaces/${namespace}/serviceaccounts/default`, { automountServiceAccountToken: false }),
		);
	}
	for (const namespace of hardenedNamespaces) {
		await ensureNetworkPolicies(kube, namespace);
	}
}

async function ensureNetworkPolicies(kube: KubeClient, namespace: string): Promise<void> {
	const path = `/api/v1/namespaces/${namespace}`;
	const { metadata } = await kube.get<KubeObject>(path);
	const policies =
		namespace === "kube-system" ? [...everyNamespacePolicies, ...kubeSystemPolicies] : everyNamespacePolicies;
	for (const { name, annotation, spec } of policies) {
		if (metadata.annotations?.[annotation] !== undefined) {
			continue;
		}
		const annotations = { [annotation]: "resolved" };
		await kube.createIfAbsent(`/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`, {
			apiVersion: "networking.k8s.io/v1",
			kind: "NetworkPolicy",
			metadata: { name, annotations },
			spec,
		});
		await kube.patch(path, { metadata: { annotations } });
	}
	log.info(`Applied network policies to namespace ${namespace}`);
}
