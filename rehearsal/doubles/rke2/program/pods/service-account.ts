import type { KubeClient } from "../kube/client.ts";
import type { Pod } from "./pod.ts";

const lifetimeSeconds = 3_600;
// As in the kubelet: a token is renewed when a fifth of its lifetime is left.
const renewAfter = lifetimeSeconds * 1_000 * 0.8;

/**
 * Makes API clients for pods: each has the token of the pod's ServiceAccount, which the kubelet requests.
 *
 * @param connect makes a client with a token
 */
export function serviceAccounts(kubelet: KubeClient, connect: (token: string) => KubeClient) {
	const clients = new Map<string, { api: KubeClient; renewAt: number }>();
	return async ({ metadata, spec }: Pod): Promise<KubeClient> => {
		const { name, namespace, uid = "" } = metadata;
		const known = clients.get(uid);
		if (known && Date.now() < known.renewAt) {
			return known.api;
		}
		const account = spec.serviceAccountName ?? "default";
		const { status } = await kubelet.create<{ status: { token: string } }>(
			`/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`,
			{
				apiVersion: "authentication.k8s.io/v1",
				kind: "TokenRequest",
				spec: {
					expirationSeconds: lifetimeSeconds,
					boundObjectRef: { apiVersion: "v1", kind: "Pod", name, uid },
				},
			},
		);
		const api = connect(status.token);
		clients.set(uid, { api, renewAt: Date.now() + renewAfter });
		return api;
	};
}
