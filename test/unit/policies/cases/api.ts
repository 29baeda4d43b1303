/** Rules about objects that change what the API server does, or what it gives out. */
import type { Given } from "../run-rule.ts";
import type { CaseTable } from "./case.ts";

function webhook(clientConfig: object, kind = "ValidatingWebhookConfiguration"): Given {
	return {
		type: `kubernetes:admissionregistration.k8s.io/v1:${kind}`,
		props: { metadata: { name: "app" }, webhooks: [{ name: "first.app" }, { name: "app", clientConfig }] },
	};
}

function definition(clientConfig: object): Given {
	const conversion = { strategy: "Webhook", webhook: { clientConfig } };
	return {
		type: "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition",
		props: { metadata: { name: "apps.example.org" }, spec: { conversion } },
	};
}

function apiService(spec: object): Given {
	return { type: "kubernetes:apiregistration.k8s.io/v1:APIService", props: { metadata: { name: "v1.app" }, spec } };
}

function secret(type?: string): Given {
	return {
		type: "kubernetes:core/v1:Secret",
		props: { metadata: { name: "app", namespace: "app" }, ...(type && { type }) },
	};
}

function service(spec: object, namespace = "app", kind = "Service"): Given {
	return { type: `kubernetes:core/v1:${kind}`, name: "service", props: { metadata: { name: "app", namespace }, spec } };
}

const declaring: Given = {
	type: "kubernetes:core/v1:Namespace",
	name: "namespace",
	props: { metadata: { name: "app", labels: { "services.rke2-lab/NodePort": "allowed" } } },
};

const own = { service: { name: "webhook", namespace: "cert-manager" } };
const namespaces = "kube-system, traefik, cert-manager, metallb-system, gpu-operator, gpu-smoke-test, network-check";
const undeclared = (type: string, namespace = "app") =>
	`service: Service ${namespace}/app has the type ${type}, which its namespace does not declare; use ClusterIP, or add the type to platform.namespaces.${namespace}.services.`;

export const apiCases: CaseTable = {
	"kubernetes-api-extensions": {
		accepts: {
			"a webhook of an add-on": webhook(own),
			"the conversion of an add-on": definition(own),
			"a definition that converts nothing": {
				type: "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition",
				props: { metadata: { name: "apps.example.org" }, spec: { conversion: { strategy: "None" } } },
			},
			"an API of the API server itself": apiService({ group: "apps", version: "v1" }),
			"an API service of an add-on": apiService({ caBundle: "YQ==", ...own }),
		},
		refuses: {
			"a webhook at a URL, which is not repeated": [
				webhook({ url: "https://app.example.org/?token=hunter2" }, "MutatingWebhookConfiguration"),
				"MutatingWebhookConfiguration app sends objects to a URL outside the cluster; name a Service of an add-on.",
			],
			"a webhook in the namespace of a workload": [
				webhook({ service: { name: "app", namespace: "app" } }),
				`ValidatingWebhookConfiguration app sends objects to a Service in app; allowed are ${namespaces}.`,
			],
			"a patch that leads a webhook away": [
				{
					...webhook({ url: "https://app.example.org/" }),
					type: "kubernetes:admissionregistration.k8s.io/v1:ValidatingWebhookConfigurationPatch",
				},
				"ValidatingWebhookConfiguration app sends objects to a URL outside the cluster; name a Service of an add-on.",
			],
			"a conversion at a URL": [
				definition({ url: "https://app.example.org/" }),
				"CustomResourceDefinition apps.example.org sends objects to a URL outside the cluster; name a Service of an add-on.",
			],
			"an API service without TLS in the namespace of a workload": [
				apiService({ insecureSkipTLSVerify: true, service: { name: "app", namespace: "app" } }),
				"APIService v1.app has insecureSkipTLSVerify, so that anybody can answer in its place; set caBundle.",
				`APIService v1.app sends objects to a Service in app; allowed are ${namespaces}.`,
			],
		},
	},
	"kubernetes-lasting-tokens": {
		accepts: {
			"a Secret of no type": secret(),
			"a certificate": secret("kubernetes.io/tls"),
			"an object of another kind": service({}),
		},
		refuses: {
			"a token of an account": [
				secret("kubernetes.io/service-account-token"),
				"Secret app/app makes a token of a ServiceAccount that never expires; mount a projected token, or ask for one by kubectl create token.",
			],
			"a token for further machines": [
				secret("bootstrap.kubernetes.io/token"),
				"Secret app/app makes a token with which machines join the cluster; mount a projected token, or ask for one by kubectl create token.",
			],
		},
	},
	"kubernetes-service-types": {
		accepts: {
			"an address inside the cluster": service({ type: "ClusterIP" }),
			"a Service without pods in front": service({ clusterIP: "None" }),
			"a type that the namespace declares": [declaring, service({ type: "NodePort" })],
			"metrics of the platform": service({ type: "NodePort" }, "cert-manager"),
		},
		refuses: {
			"a load balancer for a workload": [service({ type: "LoadBalancer" }), undeclared("LoadBalancer")],
			"another type than the namespace declares": [
				[declaring, service({ type: "ExternalName", externalName: "example.org" })],
				undeclared("ExternalName"),
			],
			"a name of a host outside, in the platform": [
				service({ type: "ExternalName" }, "traefik"),
				undeclared("ExternalName", "traefik"),
			],
			"a patch to a port of every node": [
				service({ type: "NodePort" }, "kube-system", "ServicePatch"),
				undeclared("NodePort", "kube-system"),
			],
			"addresses of others": [
				service({ externalIPs: ["10.25.20.1", "10.25.20.2"] }),
				"service: Service app/app takes the addresses 10.25.20.1, 10.25.20.2; remove externalIPs.",
			],
		},
	},
};
