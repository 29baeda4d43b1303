import { platformNamespaces } from "../../../src/facts/add-ons.ts";
import { addResource } from "../../lib/examples/resources.ts";
import { type KubernetesObject, partOf } from "../../lib/kubernetes/objects.ts";
import type { Shaped } from "../../lib/reading/shape.ts";
import type { ObjectRule } from "../../lib/rules/rule.ts";
import { apiExtensions } from "../../lib/rules/subjects.ts";

const clientShape = { url: "string", service: { namespace: "string" } } as const;
type Client = Shaped<typeof clientShape>;

/** RKE2's metrics server is in the first one. */
const namespaces: readonly string[] = ["kube-system", ...Object.values(platformNamespaces)];

/**
 * The API server sends objects to a webhook, and whole requests to an API service. At an address outside the cluster they read
 * and change everything, without a pod that a rule could see.
 */
export const kubernetesApiExtensions: ObjectRule = {
	name: "kubernetes-api-extensions",
	description: "The API server calls only Services of the platform, by TLS that it verifies.",
	severity: "critical",
	controls: [],
	frameworks: { cisControls: ["4.1", "12.6"], iso27001: ["A.8.9", "A.8.20"], nist80053: ["AC-4", "SC-8"] },
	remediation: "Name a Service of the add-on, with a caBundle.",
	url: "https://kubernetes.io/docs/concepts/security/rbac-good-practices/#control-admission-webhooks",
	subject: apiExtensions,
	examples: [
		{
			change: "a webhook outside the cluster",
			apply: addResource("kubernetes:admissionregistration.k8s.io/v1:MutatingWebhookConfiguration", "app", {
				metadata: { name: "app" },
				webhooks: [{ name: "app.example.org", clientConfig: { url: "https://app.example.org/mutate" } }],
			}),
			sentence:
				"MutatingWebhookConfiguration app sends objects to a URL outside the cluster; name a Service of an add-on.",
		},
		{
			change: "an API service without TLS",
			apply: addResource("kubernetes:apiregistration.k8s.io/v1:APIService", "app", {
				metadata: { name: "v1.app.example.org" },
				spec: { insecureSkipTLSVerify: true, service: { name: "app", namespace: "cert-manager" } },
			}),
			sentence:
				"APIService v1.app.example.org has insecureSkipTLSVerify, so that anybody can answer in its place; set caBundle.",
		},
	],

	checkObject(object, report) {
		if (isApiService(object) && partOf(object, ["spec"], { insecureSkipTLSVerify: "boolean" })?.insecureSkipTLSVerify) {
			report(`${object.subject} has insecureSkipTLSVerify, so that anybody can answer in its place; set caBundle.`);
		}
		const mistakes = clientsOf(object).flatMap((client) => mistakeOf(client) ?? []);
		for (const mistake of new Set(mistakes)) {
			report(`${object.subject} sends objects to ${mistake}.`);
		}
	},
};

function isApiService({ apiVersion, kind }: KubernetesObject): boolean {
	return apiVersion.startsWith("apiregistration.k8s.io/") && kind === "APIService";
}

/** What the API server calls because of an object. An API service without a Service is the API server itself. */
function clientsOf(object: KubernetesObject): Client[] {
	const { apiVersion, kind } = object;
	const group = apiVersion.split("/")[0];
	if (group === "admissionregistration.k8s.io" && kind.endsWith("WebhookConfiguration")) {
		const webhooks = partOf(object, ["webhooks"], [{ clientConfig: clientShape }]) ?? [];
		return webhooks.flatMap(({ clientConfig }) => clientConfig ?? []);
	}
	if (group === "apiextensions.k8s.io" && kind === "CustomResourceDefinition") {
		return [partOf(object, ["spec", "conversion", "webhook", "clientConfig"], clientShape) ?? []].flat();
	}
	const service = isApiService(object) && partOf(object, ["spec", "service"], clientShape.service);
	return service ? [{ service }] : [];
}

/** A URL can hold a secret, so that no sentence repeats it. */
function mistakeOf({ url, service }: Client): string | undefined {
	if (url !== undefined) {
		return "a URL outside the cluster; name a Service of an add-on";
	}
	return service && !namespaces.includes(service.namespace ?? "")
		? `a Service in ${service.namespace ?? "no namespace"}; allowed are ${namespaces.join(", ")}`
		: undefined;
}
