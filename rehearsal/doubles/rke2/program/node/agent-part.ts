import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { NodeSettings } from "../config/settings.ts";
import { type KubeClient, kubeClient } from "../kube/client.ts";
import { writeKubeconfig } from "../kube/kubeconfig.ts";
import type { Paths } from "../paths.ts";
import { actForPods } from "../pods/act.ts";
import type { Child } from "../process/child.ts";
import { readIfPresent, writeFileAtomically } from "../process/files.ts";
import { retry } from "../process/retry.ts";
import type { ClientCertificate, SupervisorClient } from "../supervisor/client.ts";
import { nodeWithPodNetwork, registerNode, renewNodeLease } from "./kubelet.ts";
import { runKwok } from "./kwok.ts";
import { nodePassword } from "./password.ts";
import { writePodResolver } from "./resolver.ts";

const localApi = "https://127.0.0.1:6443";

/**
 * Runs the parts that servers and agents share: gets the kubelet's certificates from a supervisor, registers the node
 * through the API at 127.0.0.1:6443, renews its lease, and acts for its pods.
 */
export async function startAgentPart(
	paths: Paths,
	settings: NodeSettings,
	supervisor: SupervisorClient,
	version: string,
	signal: AbortSignal,
): Promise<Child> {
	const wait = <T>(waitingFor: string, attempt: () => Promise<T>) =>
		retry({ signal, interval: 500, waitingFor }, attempt);
	const kube = await wait("Waiting to retrieve agent configuration", () => kubeletClient(paths, settings, supervisor));
	await wait("Waiting for the node to register", () => registerNode(kube, settings, paths, version));
	const node = await wait("Waiting for a pod network", () => nodeWithPodNetwork(kube, settings.nodeName));
	writePodResolver(paths, settings);
	renewNodeLease(kube, node, signal);
	const asPod = (token: string) => kubeClient({ server: localApi, ca: supervisor.serverCa, token });
	const host = { node: settings.nodeName, pciDevices: () => pciDevices(paths), cni: paths.cni };
	actForPods(kube, asPod, host, signal);
	return runKwok(paths, settings);
}

function pciDevices(paths: Paths): string[] {
	return (readIfPresent(paths.pciDevices) ?? "").split("\n").filter((line) => line !== "");
}

async function kubeletClient(paths: Paths, settings: NodeSettings, supervisor: SupervisorClient): Promise<KubeClient> {
	const keys = { client: nodeKey(paths, "client-kubelet"), serving: nodeKey(paths, "serving-kubelet") };
	const publicPem = (key: string) => createPublicKey(key).export({ type: "spki", format: "pem" }).toString();
	const certificates = await supervisor.nodeCertificates(
		{ name: settings.nodeName, address: settings.nodeIp, password: nodePassword(paths) },
		{ client: publicPem(keys.client), serving: publicPem(keys.serving) },
	);
	const write = (file: string, content: string) => writeFileAtomically(join(paths.agent, file), content, 0o600);
	write("client-kubelet.crt", certificates.client);
	write("serving-kubelet.crt", certificates.serving);
	write("client-ca.crt", certificates.clientCa);
	write("server-ca.crt", supervisor.serverCa);
	writeKubeconfig(join(paths.agent, "kubelet.kubeconfig"), {
		server: localApi,
		certificateAuthority: supervisor.serverCa,
		clientCertificate: certificates.client,
		clientKey: keys.client,
	});
	return kubeClient({ server: localApi, ca: supervisor.serverCa, cert: certificates.client, key: keys.client });
}

/** The kubelet's client certificate, after the node was registered. */
export function kubeletCertificate(paths: Paths): ClientCertificate | undefined {
	const [cert, key] = ["crt", "key"].map((kind) => readIfPresent(join(paths.agent, `client-kubelet.${kind}`)));
	return cert !== undefined && key !== undefined ? { cert, key } : undefined;
}

function nodeKey(paths: Paths, name: string): string {
	const file = join(paths.agent, `${name}.key`);
	if (existsSync(file)) {
		return readFileSync(file, "utf8");
	}
	const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
	const pem = privateKey.export({ type: "sec1", format: "pem" }).toString();
	writeFileAtomically(file, pem, 0o600);
	return pem;
}
