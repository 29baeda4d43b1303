import type { KubeClient, KubeObject } from "../kube/client.ts";
import { createAuthority, issueKeyPair, type KeyPair } from "../pki/x509.ts";
import { log } from "../process/log.ts";
import { refusalOfAccount, refusalOfPair, refusalOfToken } from "./acme.ts";
import type { Host } from "./host.ts";
import type { Pod } from "./pod.ts";

const certManagerApi = "/apis/cert-manager.io/v1";
const acmeApi = "/apis/acme.cert-manager.io/v1";
const dayMs = 24 * 60 * 60 * 1_000;

export interface Condition {
	type: string;
	status: "True" | "False";
	reason: string;
	message: string;
	observedGeneration?: number;
}

interface Observed extends KubeObject {
	metadata: KubeObject["metadata"] & { generation: number };
	status?: { conditions?: Condition[] };
}

interface Issuer extends Observed {
	spec: {
		ca?: { secretName: string };
		acme?: {
			email?: string;
			solvers?: { dns01?: { cloudflare?: { apiTokenSecretRef: { name: string; key: string } } } }[];
		};
	};
}

interface Certificate extends Observed {
	metadata: Observed["metadata"] & { namespace: string };
	spec: { secretName: string; dnsNames: string[]; issuerRef: { name: string } };
}

/**
 * Registers the account of every ClusterIssuer, and issues or refuses every Certificate, as the leading controller does. The
 * first pod by name leads; there is no lease. An issued certificate has its Secret and its status. A refused one has a
 * CertificateRequest, an Order and a Challenge, and the Challenge has the reason. While the Challenge exists there is no
 * second attempt: cert-manager waits longer after each failure, up to 30 minutes (DefaultACMERateLimiter).
 */
export async function actForCertManager({ metadata }: Pod, api: KubeClient, _: Host): Promise<void> {
	const selector = "app.kubernetes.io/name=cert-manager,app.kubernetes.io/component=controller";
	const query = new URLSearchParams({ labelSelector: selector, resourceVersion: "0" });
	const pods = await api.get<{ items: Pod[] }>(`/api/v1/namespaces/${metadata.namespace}/pods?${query}`);
	if (pods.items.map(({ metadata }) => metadata.name).sort()[0] !== metadata.name) {
		return;
	}
	const issuers = await api.get<{ items: Issuer[] }>(`${certManagerApi}/clusterissuers`);
	// In parallel: no webhook answers, and each write waits for the API server's timeout.
	await Promise.all(
		issuers.items.map((issuer) =>
			issuer.spec.ca ? verifyPair(api, issuer, metadata.namespace) : registerAccount(api, issuer),
		),
	);
	const certificates = await api.get<{ items: Certificate[] }>(`${certManagerApi}/certificates`);
	for (const certificate of certificates.items.filter((one) => !isReady(one))) {
		const issuer = issuers.items.find(({ metadata }) => metadata.name === certificate.spec.issuerRef.name);
		if (issuer && isReady(issuer)) {
			await issue(api, certificate, issuer, metadata.namespace);
		}
	}
}

function isReady({ metadata, status }: Observed): boolean {
	const ready = status?.conditions?.find(({ type }) => type === "Ready");
	return ready?.status === "True" && ready.observedGeneration === metadata.generation;
}

async function registerAccount(api: KubeClient, issuer: Issuer): Promise<void> {
	const refusal = refusalOfAccount(issuer.spec.acme?.email);
	const [condition] = issuer.status?.conditions ?? [];
	if (condition?.observedGeneration === issuer.metadata.generation) {
		return;
	}
	await setConditions(api, `${certManagerApi}/clusterissuers/${issuer.metadata.name}`, issuer, {
		type: "Ready",
		status: refusal === undefined ? "True" : "False",
		reason: refusal === undefined ? "ACMEAccountRegistered" : "ErrRegisterACMEAccount",
		message: refusal ?? "The acmeApi account was registered with the acmeApi server",
	});
}

/**
 * Checks a CA issuer as cert-manager does: its Secret must contain a certificate that may sign, and a key.
 * https://github.com/cert-manager/cert-manager/blob/master/pkg/issuer/ca/setup.go
 */
async function verifyPair(api: KubeClient, issuer: Issuer, namespace: string): Promise<void> {
	const [condition] = issuer.status?.conditions ?? [];
	if (condition?.observedGeneration === issuer.metadata.generation) {
		return;
	}
	const refusal = refusalOfPair(await pairOf(api, issuer, namespace));
	await setConditions(api, `${certManagerApi}/clusterissuers/${issuer.metadata.name}`, issuer, {
		type: "Ready",
		status: refusal === undefined ? "True" : "False",
		reason: refusal === undefined ? "KeyPairVerified" : "ErrInvalidKeyPair",
		message: refusal ?? "Signing CA verified",
	});
}

/** The key pair in the Secret that a ClusterIssuer names, in cert-manager's namespace. */
async function pairOf(api: KubeClient, { spec }: Issuer, namespace: string): Promise<KeyPair | undefined> {
	const secret = await api.find<{ data: Record<string, string> }>(
		`/api/v1/namespaces/${namespace}/secrets/${spec.ca?.secretName}`,
	);
	const decode = (key: string) => Buffer.from(secret?.data[key] ?? "", "base64").toString();
	return secret && { certificate: decode("tls.crt"), privateKey: decode("tls.key") };
}

async function issue(api: KubeClient, certificate: Certificate, issuer: Issuer, namespace: string): Promise<void> {
	const path = `${certManagerApi}/namespaces/${certificate.metadata.namespace}/certificates/${certificate.metadata.name}`;
	const [domain = ""] = certificate.spec.dnsNames;
	if (
		await api.find(`${acmeApi}/namespaces/${certificate.metadata.namespace}/challenges/${certificate.metadata.name}-1`)
	) {
		return;
	}
	const own = await pairOf(api, issuer, namespace);
	const cloudflare = issuer.spec.acme?.solvers?.[0]?.dns01?.cloudflare;
	const refusal = cloudflare && refusalOfToken(await tokenOf(api, issuer, namespace), domain);
	if (refusal !== undefined) {
		if (!certificate.status?.conditions) {
			const message = "Issuing certificate as Secret does not exist";
			await setConditions(
				api,
				path,
				certificate,
				{ type: "Issuing", status: "True", reason: "DoesNotExist", message },
				{ type: "Ready", status: "False", reason: "DoesNotExist", message },
			);
		}
		await createRefusedChallenge(api, certificate, domain, refusal);
		return;
	}
	await writeSecret(api, certificate, domain, own ?? (await createAuthority("Rehearsal Authority")));
	const message = "Certificate is up to date and has not expired";
	await setConditions(api, path, certificate, { type: "Ready", status: "True", reason: "Ready", message });
	log.info(`cert-manager: issued ${domain}`);
}

/** The token of the first solver, or an empty text. */
async function tokenOf(api: KubeClient, { spec }: Issuer, namespace: string): Promise<string> {
	const reference = spec.acme?.solvers?.[0]?.dns01?.cloudflare?.apiTokenSecretRef;
	const path = `/api/v1/namespaces/${namespace}/secrets/${reference?.name}`;
	const secret = reference && (await api.find<{ data: Record<string, string> }>(path));
	return Buffer.from(secret?.data[reference?.key ?? ""] ?? "", "base64").toString();
}

async function writeSecret(
	api: KubeClient,
	{ metadata, spec }: Certificate,
	domain: string,
	authority: KeyPair,
): Promise<void> {
	const { certificate, privateKey } = await issueKeyPair(authority, {
		commonName: domain,
		sans: spec.dnsNames,
		usage: "server",
	});
	const encode = (text: string) => Buffer.from(text).toString("base64");
	const secrets = `/api/v1/namespaces/${metadata.namespace}/secrets`;
	const secret = {
		metadata: { name: spec.secretName, annotations: { "cert-manager.io/certificate-name": metadata.name } },
		type: "kubernetes.io/tls",
		data: { "tls.crt": encode(certificate), "tls.key": encode(privateKey) },
	};
	await api.createIfAbsent(secrets, secret);
	await api.patch(`${secrets}/${spec.secretName}`, { data: secret.data });
}

/** Creates the objects of a refused certificate. Each object owns the next one. */
async function createRefusedChallenge(
	api: KubeClient,
	{ metadata, spec }: Certificate,
	dnsName: string,
	reason: string,
): Promise<void> {
	const name = `${metadata.name}-1`;
	const certificate = { apiVersion: "cert-manager.io/v1", kind: "Certificate", metadata };
	const make = async (group: string, kind: string, plural: string, owner: KubeObject, spec: object, status: object) => {
		const collection = `${group}/namespaces/${metadata.namespace}/${plural}`;
		const { apiVersion = "", kind: ownerKind = "", metadata: of } = owner;
		const ownerReferences = [{ apiVersion, kind: ownerKind, name: of.name, uid: of.uid, controller: true }];
		const found = await api.find<KubeObject>(`${collection}/${name}`);
		if (found) {
			return found;
		}
		const object = { apiVersion: group.replace("/apis/", ""), kind, metadata: { name, ownerReferences }, spec };
		const made = await api.create<KubeObject>(collection, object);
		await api.replace(`${collection}/${name}/status`, { ...made, status });
		return made;
	};
	const request = await make(
		certManagerApi,
		"CertificateRequest",
		"certificaterequests",
		certificate,
		{ issuerRef: spec.issuerRef },
		{
			conditions: [
				{
					type: "Ready",
					status: "False",
					reason: "Pending",
					message: `Waiting on certificate issuance from order ${metadata.namespace}/${name}: "pending"`,
				},
			],
		},
	);
	const order = await make(acmeApi, "Order", "orders", request, { dnsNames: spec.dnsNames }, { state: "pending" });
	const status = { state: "pending", processing: true, presented: false, reason };
	await make(acmeApi, "Challenge", "challenges", order, { dnsName, type: "DNS-01" }, status);
}

async function setConditions(
	api: KubeClient,
	path: string,
	object: Observed,
	...conditions: Omit<Condition, "observedGeneration">[]
): Promise<void> {
	const now = new Date();
	await api.replace(`${path}/status`, {
		...object,
		status: {
			conditions: conditions.map((condition) => ({
				...condition,
				observedGeneration: object.metadata.generation,
				lastTransitionTime: now.toISOString(),
			})),
			...(object.kind === "ClusterIssuer" ? {} : { notAfter: new Date(now.getTime() + 90 * dayMs).toISOString() }),
		},
	});
}
