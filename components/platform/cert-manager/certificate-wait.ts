import type { CustomObjectsApi } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import pRetry from "p-retry";
import type { StackConfig } from "../../../src/config/schema/stack.ts";
import type { Connect } from "../../cluster/api-client.ts";
import {
	type CertificateObject,
	explainCertificate,
	explainIssuer,
	type Issuance,
	reasonOf,
} from "./certificate-causes.ts";

const certificates = { group: "cert-manager.io", version: "v1" };
const acme = { group: "acme.cert-manager.io", version: "v1" };

/** Makes `up` wait for an object of cert-manager. */
export interface Waiting {
	/** For the object's metadata. */
	annotations: Record<string, string> | undefined;
	opts: pulumi.CustomResourceOptions;
}

/**
 * Makes `up` wait until an object of cert-manager is ready, and explain why it does not become ready. The provider alone only
 * reports the timeout: the reason is in other objects than the one that it waits for.
 *
 * The provider supports `pulumi.com/waitFor` from 4.18.0 on, and prefers it to its own rules from 4.18.4 on. A condition counts
 * only for the generation that cert-manager has seen. After a failure the next `up` waits again, because Pulumi records the
 * object as not initialized.
 */
export class CertificateWait {
	readonly #timeout: string;
	readonly #hooks: { explain: pulumi.ErrorHook; retry: pulumi.ResourceHook } | undefined;

	/** @param connect with the rights of the administrator */
	constructor(checks: StackConfig["platform"]["checks"], connect: Connect) {
		this.#timeout = `${checks.timeoutSeconds}s`;
		this.#hooks = checks.enabled
			? { explain: explainNotReady("certificate-causes", connect), retry: retryIssuance("certificate-retry", connect) }
			: undefined;
	}

	/** Nothing waits in a stack without the checks. */
	get waiting(): Waiting {
		if (!this.#hooks) {
			return { annotations: undefined, opts: {} };
		}
		const { explain, retry } = this.#hooks;
		return {
			annotations: { "pulumi.com/waitFor": "condition=Ready" },
			opts: {
				customTimeouts: { create: this.#timeout, update: this.#timeout },
				hooks: { onError: [explain], beforeUpdate: [retry] },
			},
		};
	}
}

interface Named {
	kind: string;
	metadata: { name: string; namespace: string };
}

function explainNotReady(name: string, connect: Connect): pulumi.ErrorHook {
	return new pulumi.ErrorHook(name, async ({ newInputs }) => {
		if (newInputs) {
			try {
				const explanation = await explain(
					newInputs as Named,
					await connect(({ CustomObjectsApi }) => CustomObjectsApi),
				);
				if (explanation !== undefined) {
					await pulumi.log.error(explanation);
				}
			} catch (error) {
				// Pulumi prints the failure itself, which matters more.
				await pulumi.log.warn(`The reason could not be read from the cluster: ${(error as Error).message}`);
			}
		}
		return false;
	});
}

async function explain({ kind, metadata }: Named, api: CustomObjectsApi): Promise<string | undefined> {
	if (kind === "ClusterIssuer") {
		const issuer = { ...certificates, plural: "clusterissuers", name: metadata.name };
		return explainIssuer((await api.getClusterCustomObject(issuer)) as CertificateObject);
	}
	return explainCertificate(await issuanceOf(metadata, api));
}

async function issuanceOf({ name, namespace }: Named["metadata"], api: CustomObjectsApi): Promise<Issuance> {
	const list = async (group: typeof acme, plural: string) => {
		const answer = await api.listNamespacedCustomObject({ ...group, namespace, plural });
		return (answer as { items: CertificateObject[] }).items;
	};
	const wanted = { ...certificates, namespace, plural: "certificates", name };
	const [certificate, requests, orders, challenges] = await Promise.all([
		api.getNamespacedCustomObject(wanted) as Promise<CertificateObject>,
		list(certificates, "certificaterequests"),
		list(acme, "orders"),
		list(acme, "challenges"),
	]);
	return { certificate, requests, orders, challenges };
}

/**
 * Makes cert-manager retry at once after a failure. By itself it waits up to 30 minutes after a challenge that it could not
 * present, and an hour or more after a failed order (https://cert-manager.io/docs/faq/#what-happens-if-issuance-fails), even when
 * the administrator has corrected the token. cert-manager replaces a deleted request while the Certificate has the condition
 * `Issuing`, which `cmctl renew` sets as well.
 */
function retryIssuance(name: string, connect: Connect): pulumi.ResourceHook {
	return new pulumi.ResourceHook(name, async ({ newInputs }) => {
		const { kind, metadata } = newInputs as unknown as Named;
		if (kind === "Certificate") {
			// For seconds after a definition has changed, the API server refuses to read its objects ("storage is (re)initializing").
			await pRetry(() => reissue(metadata, connect), { shouldRetry: ({ error }) => isBusy(error) });
		}
	});
}

function isBusy(error: Error): boolean {
	return (error as Error & { code?: number }).code === 429;
}

async function reissue(metadata: Named["metadata"], connect: Connect): Promise<void> {
	const api = await connect(({ CustomObjectsApi }) => CustomObjectsApi);
	const issuance = await issuanceOf(metadata, api);
	if (explainCertificate(issuance) === undefined || reasonOf(issuance) === undefined) {
		return;
	}
	await setIssuing(issuance.certificate, metadata.namespace, api);
	const { uid } = issuance.certificate.metadata;
	const own = issuance.requests.filter((one) => one.metadata.ownerReferences?.some((owner) => owner.uid === uid));
	for (const request of own) {
		await api.deleteNamespacedCustomObject({
			...certificates,
			namespace: metadata.namespace,
			plural: "certificaterequests",
			name: request.metadata.name,
		});
	}
}

async function setIssuing(
	{ metadata: { name }, status }: CertificateObject,
	namespace: string,
	api: CustomObjectsApi,
): Promise<void> {
	const others = (status?.conditions ?? []).filter(({ type }) => type !== "Issuing");
	const issuing = {
		type: "Issuing",
		status: "True",
		reason: "ManuallyTriggered",
		message: "Tried again after a failure",
		lastTransitionTime: new Date().toISOString(),
	};
	await api.patchNamespacedCustomObjectStatus({
		...certificates,
		namespace,
		plural: "certificates",
		name,
		body: [{ op: "add", path: "/status/conditions", value: [...others, issuing] }],
	});
}
