import { createServer, type Server } from "node:https";
import { networkInterfaces } from "node:os";
import type { KubeClient, KubeObject } from "../kube/client.ts";
import { createAuthority, type KeyPair } from "../pki/x509.ts";
import { log } from "../process/log.ts";
import { isLabelled, type Pod } from "./pod.ts";

const traefikLabels = { "app.kubernetes.io/name": "traefik" };
/** Name of the port for HTTPS, in the pod and in its Service. */
const entryPoint = "websecure";

interface TraefikPod extends Pod {
	spec: Pod["spec"] & { containers: { ports?: { name?: string; hostPort?: number }[] }[] };
}

interface Service extends KubeObject {
	spec: {
		type?: string;
		selector?: Record<string, string>;
		ports?: { name?: string; port: number; nodePort?: number }[];
	};
	status?: { loadBalancer?: { ingress?: { ip?: string }[] } };
}

interface Endpoint {
	/** `0.0.0.0`, or an address that MetalLB's speaker has brought to this machine. */
	address: string;
	port: number;
}

/** By `<address>:<port>`. */
const servers = new Map<string, Server>();

/** Traefik generates it at its start: https://doc.traefik.io/traefik/https/tls/#default-certificate */
let ownCertificate: Promise<KeyPair> | undefined;

/**
 * Answers HTTPS at each address of this machine that leads to its Traefik pod, as the CNI's portmap, kube-proxy and Traefik do
 * together: with the default certificate of Traefik's TLS store, and with 404 because there is no route. Without a pod the
 * ports are closed; so are node ports, because the Service has `externalTrafficPolicy: Local`.
 *
 * @param pods ready pods of this node
 * @param accountOf client with the privileges of a pod's ServiceAccount
 */
export async function serveIngress(pods: readonly Pod[], accountOf: (pod: Pod) => Promise<KubeClient>): Promise<void> {
	const pod = pods.find((one): one is TraefikPod => isLabelled(one, traefikLabels));
	const api = pod && (await accountOf(pod));
	const endpoints = pod && api ? await endpointsOf(pod, api) : [];
	const wanted = new Map(endpoints.map((endpoint) => [`${endpoint.address}:${endpoint.port}`, endpoint]));
	for (const [name, server] of servers) {
		if (!wanted.has(name)) {
			servers.delete(name);
			server.close();
			server.closeAllConnections();
		}
	}
	if (!pod || !api) {
		return;
	}
	const { certificate: cert, privateKey: key } = await certificateOf(pod, api);
	for (const [name, endpoint] of wanted) {
		const known = servers.get(name);
		if (known) {
			known.setSecureContext({ cert, key });
		} else {
			servers.set(name, await listen(endpoint, { cert, key }));
			log.info(`Traefik: pod ${pod.metadata.name} answers at ${name}`);
		}
	}
}

async function endpointsOf({ metadata, spec }: TraefikPod, api: KubeClient): Promise<Endpoint[]> {
	const hostPorts = (spec.containers[0]?.ports ?? []).flatMap(({ name, hostPort }) =>
		name === entryPoint && hostPort !== undefined ? [{ address: "0.0.0.0", port: hostPort }] : [],
	);
	const services = await api.get<{ items: Service[] }>("/api/v1/services?resourceVersion=0");
	const own = services.items.filter(
		(service) =>
			service.metadata.namespace === metadata.namespace &&
			service.spec.selector !== undefined &&
			isLabelled({ metadata, spec }, service.spec.selector),
	);
	return [...hostPorts, ...own.flatMap(endpointsOfService)];
}

function endpointsOfService({ spec: { type, ports = [] }, status }: Service): Endpoint[] {
	const local = new Set(Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address)));
	return ports
		.filter(({ name }) => name === entryPoint)
		.flatMap(({ port, nodePort }) => [
			...(type === "NodePort" && nodePort !== undefined ? [{ address: "0.0.0.0", port: nodePort }] : []),
			...(type === "LoadBalancer" ? (status?.loadBalancer?.ingress ?? []) : [])
				.map(({ ip = "" }) => ({ address: ip, port }))
				.filter(({ address }) => local.has(address)),
		]);
}

/** The store `default` in Traefik's namespace: https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/crd/tls/tlsstore/ */
async function certificateOf({ metadata: { namespace } }: Pod, api: KubeClient): Promise<KeyPair> {
	const store = await api.find<{ spec?: { defaultCertificate?: { secretName: string } } }>(
		`/apis/traefik.io/v1alpha1/namespaces/${namespace}/tlsstores/default`,
	);
	const secretName = store?.spec?.defaultCertificate?.secretName;
	const secret =
		secretName === undefined
			? undefined
			: await api.find<{ data?: Record<string, string> }>(`/api/v1/namespaces/${namespace}/secrets/${secretName}`);
	const [certificate, privateKey] = ["tls.crt", "tls.key"].map((key) => secret?.data?.[key]);
	if (certificate === undefined || privateKey === undefined) {
		ownCertificate ??= createAuthority("TRAEFIK DEFAULT CERT");
		return ownCertificate;
	}
	const decoded = (text: string) => Buffer.from(text, "base64").toString("utf8");
	return { certificate: decoded(certificate), privateKey: decoded(privateKey) };
}

function listen({ address, port }: Endpoint, pair: { cert: string; key: string }): Promise<Server> {
	const server = createServer({ ...pair, minVersion: "TLSv1.2" }, (_, response) => {
		response.writeHead(404, { "content-type": "text/plain; charset=utf-8" }).end("404 page not found\n");
	});
	return new Promise((resolve, reject) => {
		server.once("error", reject);
		server.listen(port, address, () => {
			server.removeAllListeners("error");
			// A client that gives up during the handshake is no failure of the server.
			server.on("tlsClientError", () => undefined);
			resolve(server);
		});
	});
}
