import type { CustomObjectsApi } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import pRetry from "p-retry";
import type { StackConfig } from "../../../src/config/schema/stack.ts";
import type { Connect } from "../api-client.ts";
import {
	type CertificateObject,
	complaintOf,
	type Issuance,
	whyNoAccount,
	whyNoCertificate,
} from "./certificate-causes.ts";

const certificates = { group: "cert-manager.io", version: "v1" };
const acme = { group: "acme.cert-manager.io", version: "v1" };

/** What makes `up` wait for an object of cert-manager's. */
export interface Waiting {
	/** For the object's metadata. */
	annotations: Record<string, string> | undefined;
	opts: pulumi.CustomResourceOptions;
}

/**
 * Has `up` wait until cert-manager says of an object that it is ready, and say why when it does not become so. The
 * provider alone prints that the time is over: the reason stands in other objects than the one that it waits for.
 *
 * `pulumi.com/waitFor` is known to the provider from 4.18.0 on, and goes before its own ways of waiting from 4.18.4 on. A
 * condition counts only for the generation that cert-manager saw. What failed is waited for again by the next `up`,
 * because Pulumi keeps it as not initialised.
 */
export class CertificateWait {
	readonly #timeout: string;
	readonly #hooks: { explain: pulumi.ErrorHook; retry: pulumi.ResourceHook } | undefined;

	/** @param connect with the rights of the administrator */
	constructor(checks: StackConfig["platform"]["checks"], connect: Connect) {
		this.#timeout = `${checks.timeoutSeconds}s`;
		this.#hooks = checks.enabled
			? { explain: explainNotReady("certificate-causes", connect), retry: tryAgain("certificate-retry", connect) }
			: undefined;
	}

	/** Without the checks there is nothing to wait for. */
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
				const why = await explain(newInputs as Named, await connect(({ CustomObjectsApi }) => CustomObjectsApi));
				if (why !== undefined) {
					await pulumi.log.error(why);
				}
			} catch (error) {
				// The failure itself is what counts, and Pulumi prints it.
				await pulumi.log.warn(`The cluster could not be asked for the reason: ${(error as Error).message}`);
			}
		}
		return false;
	});
}

async function explain({ kind, metadata }: Named, api: CustomObjectsApi): Promise<string | undefined> {
	if (kind === "ClusterIssuer") {
		const issuer = { ...certificates, plural: "clusterissuers", name: metadata.name };
		return whyNoAccount((await api.getClusterCustomObject(issuer)) as CertificateObject);
	}
	return whyNoCertificate(await issuanceOf(metadata, api));
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
 * Has cert-manager try again at once after what was refused before: by itself it waits up to 30 minutes after a challenge
 * that could not be presented, and an hour and more after a failed order
 * (https://cert-manager.io/docs/faq/#what-happens-if-issuance-fails), even when the token has been repaired meanwhile. It
 * makes another request in the place of one that is deleted, as long as it is asked to issue, as `cmctl renew` asks it.
 */
function tryAgain(name: string, connect: Connect): pulumi.ResourceHook {
	return new pulumi.ResourceHook(name, async ({ newInputs }) => {
		const { kind, metadata } = newInputs as unknown as Named;
		if (kind === "Certificate") {
			// For seconds after a definition has changed, the API server refuses to read its objects ("storage is (re)initializing").
			await pRetry(() => issueAnew(metadata, connect), { shouldRetry: ({ error }) => isBusy(error) });
		}
	});
}

function isBusy(error: Error): boolean {
	return (error as Error & { code?: number }).code === 429;
}

async function issueAnew(metadata: Named["metadata"], connect: Connect): Promise<void> {
	const api = await connect(({ CustomObjectsApi }) => CustomObjectsApi);
	const issuance = await issuanceOf(metadata, api);
	if (whyNoCertificate(issuance) === undefined || complaintOf(issuance) === undefined) {
		return;
	}
	await askToIssue(issuance.certificate, metadata.namespace, api);
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

async function askToIssue(
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
