import type { KubeClient } from "../kube/client.ts";
import type { Pod } from "./pod.ts";

const LIFETIME_SECONDS = 3_600;
// As the kubelet does: a token is renewed when a fifth of its life is left.
const RENEW_AFTER = LIFETIME_SECONDS * 1_000 * 0.8;

/**
 * The API as a pod sees it: with the token of its own ServiceAccount, which the kubelet fetches for the pods of its node.
 *
 * @param connect a client that shows a token
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
					expirationSeconds: LIFETIME_SECONDS,
					boundObjectRef: { apiVersion: "v1", kind: "Pod", name, uid },
				},
			},
		);
		const api = connect(status.token);
		clients.set(uid, { api, renewAt: Date.now() + RENEW_AFTER });
		return api;
	};
}
